"""gensim's own downloader against a small server that holds a list and one file of vectors."""

import gzip
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gensim.downloader
import pytest

from demos.lab import pretrained_vectors
from demos.lab.evidence import DemoError
from demos.lab.pretrained_vectors import PretrainedVectors, fetch_vectors, is_cached, read_vectors

ROW = PretrainedVectors("tiny-vectors", "tiny")
TEXT = gzip.compress(b"3 2\nriver 1 0\nmoney 0 1\nbank 0.6 0.8\n")


@pytest.fixture
def gensim_data(tmp_path, monkeypatch):
    """gensim's folder, empty; nothing read before is remembered."""
    monkeypatch.setattr(gensim.downloader, "BASE_DIR", str(tmp_path / "gensim-data"))
    read_vectors.cache_clear()
    return tmp_path / "gensim-data"


@pytest.fixture
def server(gensim_data, monkeypatch, tmp_path):
    """Serves the list, the vectors, and code that would leave a trace if it were run; `delay` and `checksum` are its faults."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            held.stop.wait(held.delay)
            about = {"file_name": "tiny-vectors.gz", "file_size": held.size, "checksum": held.checksum, "parts": 1}
            body = (json.dumps({"corpora": {}, "models": {"tiny-vectors": about}}).encode() if "list.json" in self.path
                    else f"open({str(tmp_path / 'was-run')!r}, 'w')".encode() if "__init__" in self.path else TEXT)
            held.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    held = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.delay, held.stop, held.asked, held.size = 0, threading.Event(), [], len(TEXT)
    held.checksum = hashlib.md5(TEXT).hexdigest()
    url = f"http://127.0.0.1:{held.server_port}"
    monkeypatch.setattr(pretrained_vectors, "IMPORTS", pretrained_vectors.IMPORTS
                        + f"d._load_info.__defaults__ = ('{url}/list.json', 'utf-8'); d.DOWNLOAD_BASE_URL = '{url}'\n")
    threading.Thread(target=held.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield held
    held.stop.set()
    held.shutdown()
    held.server_close()


def test_vectors_are_fetched_once_and_their_code_is_not_run(server, gensim_data, tmp_path):
    fetch_vectors(ROW)
    vectors = read_vectors(ROW)
    assert list(vectors.index_to_key) == ["river", "money", "bank"] and vectors.similarity("bank", "money") == pytest.approx(0.8)
    assert not (tmp_path / "was-run").exists() and not list(gensim_data.glob(".unfinished-*"))
    server.asked.clear()
    fetch_vectors(ROW)
    assert server.asked == []


def test_a_wrong_checksum_is_refused(server, gensim_data):
    server.checksum = "0" * 32
    with pytest.raises(DemoError, match="could not be downloaded: .* did not arrive whole"):
        fetch_vectors(ROW)
    assert not is_cached(ROW) and not list(gensim_data.glob(".unfinished-*"))


def test_too_large_a_file_is_refused_before_it_is_downloaded(server):
    server.size = 10**9
    with pytest.raises(DemoError, match="have 1,000 MB, more than the 600 MB that EXPLAINER_DOWNLOAD_MEGABYTES allows"):
        fetch_vectors(ROW)
    assert server.asked == ["/list.json"]


def test_a_slow_download_is_ended(server, monkeypatch):
    monkeypatch.setenv("EXPLAINER_DOWNLOAD_MINUTES", "0.01")
    server.delay, began = 20, time.monotonic()
    with pytest.raises(DemoError, match="took longer than the 0.01 minutes"):
        fetch_vectors(ROW)
    assert time.monotonic() - began < 10


def test_what_is_not_there_or_damaged_is_said(gensim_data):
    with pytest.raises(DemoError, match="have not been downloaded"):
        read_vectors(ROW)
    (gensim_data / ROW.key).mkdir(parents=True)
    (gensim_data / ROW.key / f"{ROW.key}.gz").write_bytes(TEXT[:30])
    with pytest.raises(DemoError, match="is damaged"):
        read_vectors(ROW)
