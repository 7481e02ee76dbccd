"""A private PostgreSQL for the tests of what students ask, where Debian's package is installed."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

PASSWORD = "geheim/@:%ß"  # a DSN has it quoted


class PostgreSQL:
    """A cluster in a temporary folder that can be stopped and started. `dsn`: how it is reached."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.dsn = f"postgresql://tutor:geheim%2F%40%3A%25%C3%9F@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *words: str) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}  # initdb refuses root
        done = subprocess.run([self.programs / program, *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60, check=False, **user)
        assert done.returncode == 0, done.stderr

    def make(self) -> None:
        (self.folder / "password").write_text(PASSWORD, encoding="utf-8")
        if os.getuid() == 0:
            for path in (self.folder, self.folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        self.run("initdb", "-D", "data", "-U", "tutor", "--pwfile=password", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run("pg_ctl", "-D", "data", "-l", "log", "-o", options, "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="session")
def postgresql():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    programs = Path(found[-1]).parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    if not (programs / "pg_ctl").exists() or (os.getuid() == 0 and not _has_user("postgres")):
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:  # short: a socket's path has 100 characters
        server = PostgreSQL(programs, Path(folder))
        server.make()
        server.start()
        yield server
        server.stop()


def _has_user(name: str) -> bool:
    return name in {user.pw_name for user in pwd.getpwall()}


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """Settings of a deployment that keeps questions, in a folder of its own: settings(feedback_days=7)."""
    from bot.settings import Settings

    for name in [name for name in os.environ if name.startswith("EXPLAINER_") and name != "EXPLAINER_CACHE_DIR"]:
        monkeypatch.delenv(name)
    return lambda **given: Settings(**{"feedback": "opt-out", "cache_dir": tmp_path, **given})


@pytest.fixture
def record():
    """record("a question", status="declined"): a row with an id of its own."""
    from bot.feedback import Record, this_hour

    def make(question="Is BERT frozen?", **given):
        row = Record(uuid.uuid4().hex[:12], this_hour(), "question", question, "answered", "some-article", 0.9, ("word_drift",), 2.5)
        return replace(row, **given)

    return make
