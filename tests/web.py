"""A server on this machine, for tests of what cells ask outside."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import itertools
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers each request with the next number; `/gzip` compresses, `/away` leads to `/`, `/echo` returns the body."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count(1)

    def do_GET(self) -> None:
        if self.path.startswith("/away"):
            self._send(b"", "Location", "/?token=open-sesame&day=2", status=302)
        elif self.path.startswith("/gzip"):
            self._send(gzip.compress(b"packed %d" % next(self.numbers)), "Content-Encoding", "gzip")
        else:
            self._send(b"%d" % next(self.numbers), "Set-Cookie", "session=swordfish")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(body + b" %d" % next(self.numbers))

    def _send(self, body: bytes, *header: str, status: int = 200) -> None:
        self.send_response(status)
        if header:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run the server, and yield its URL; afterwards nothing answers there."""
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
