"""A small server that speaks the part of the Hub's protocol that huggingface_hub uses to download a model.

    GET  /api/models/ID/revision/REVISION      the commit, and the files with their sizes
    GET  /api/models/ID/tree/COMMIT            the same files as a tree
    HEAD /ID/resolve/REVISION/FILE             commit, ETag and size; for weights a redirect, as to the Hub's CDN
    GET  /ID/resolve/REVISION/FILE, /cdn/SHA   the bytes, from where a Range says
"""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


class HubServer:
    """Serves folders as models at `endpoint`. Its faults are set as attributes; `asked` and `headers` keep what was requested."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, bytes]] = {}
        self.commits: dict[str, str] = {}  # of models that have a given one
        self.cache: Path | None = None  # where its client keeps files
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.delay = 0.0  # seconds before every answer
        self.down = False  # answers 503
        self.cut: int | None = None  # the next download of weights breaks off after so many bytes
        self.short = False  # weights are served one byte shorter than announced
        self.stop = threading.Event()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.cdn = f"http://localhost:{self._server.server_port}"  # another host: redirects to one's own are followed
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def add(self, repo: str, folder: Path, leave_out: tuple[str, ...] = (), **files: bytes) -> str:
        """Serve a folder's files under an id; returns the commit."""
        self.models[repo] = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in leave_out} | {
            name.replace("__", "."): content for name, content in files.items()}
        return self.commit(repo)

    def commit(self, repo: str) -> str:
        """The one given, or the hash of what the model holds now."""
        if repo in self.commits:
            return self.commits[repo]
        whole = hashlib.sha1(repo.encode())
        for name, content in sorted(self.models[repo].items()):
            whole.update(name.encode() + content)
        return whole.hexdigest()

    def close(self) -> None:
        """Stop at once, delayed answers too."""
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Tests read `asked` instead."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        self.hub.headers.append(dict(self.headers))
        self.hub.stop.wait(self.hub.delay)
        if self.hub.down:
            self._send(503, b"down")
        elif match := re.fullmatch(r"/api/models/(.+)/(revision|tree)/([^/]+)", path):
            self._listing(*match.groups())
        elif match := re.fullmatch(r"/cdn/(\w+)", path):
            contents = (content for model in self.hub.models.values() for content in model.values())
            self._bytes(next(content for content in contents if hashlib.sha256(content).hexdigest() == match[1]), weights=True)
        elif match := re.fullmatch(r"/(.+)/resolve/([^/]+)/([^/]+)", path):
            self._file(*match.groups())
        else:
            self._send(404, b"")

    def _known(self, repo: str, revision: str) -> bool:
        if repo not in self.hub.models:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision not in ("main", self.hub.commit(repo)):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            return True
        return False

    def _listing(self, repo: str, kind: str, revision: str) -> None:
        if not self._known(repo, revision):
            return
        files = self.hub.models[repo]
        if kind == "revision":
            siblings = [{"rfilename": name, "size": len(content)} for name, content in files.items()]
            answer: object = {"id": repo, "sha": self.hub.commit(repo), "siblings": siblings}
        else:
            answer = [{"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                      for name, content in files.items()]
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _file(self, repo: str, revision: str, name: str) -> None:
        if not self._known(repo, revision):
            return
        content = self.hub.models[repo].get(name)
        if content is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        digest = hashlib.sha256(content).hexdigest()
        headers = {"X-Repo-Commit": self.hub.commit(repo), "ETag": f'"{digest}"'}
        if name.endswith(".safetensors"):
            headers |= {"X-Linked-ETag": f'"{digest}"', "X-Linked-Size": str(len(content)),
                        "Location": f"{self.hub.cdn}/cdn/{digest}"}
            self._send(302, b"", headers)
        else:
            self._bytes(content, headers)

    def _bytes(self, content: bytes, headers: dict[str, str] | None = None, weights: bool = False) -> None:
        start = int(re.sub(r"bytes=(\d+)-.*", r"\1", self.headers.get("Range", "bytes=0-")))
        headers = {**(headers or {}), "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        if weights and self.hub.short:
            body = body[:-1]
        if weights and self.hub.cut is not None:
            body, cut, self.hub.cut = body[:self.hub.cut], len(body), None
            self._send(206 if start else 200, body, {**headers, "Content-Length": str(cut)})
            self.close_connection = True
        else:
            self._send(206 if start else 200, body, headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
