"""A web server on the loopback interface that gives MNIST, or gives what a bad mirror gives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, str], None]  # gets the request and the file's name (without .gz)


class Mirror:
    """Folders of one server, each with its way to answer; `asked` lists the GET requests as (folder, file)."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                _, folder, name = self.path.split("/")
                name = name.removesuffix(".gz")
                if self.command == "GET":
                    asked.append((folder, name))
                answers[folder](self, name)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def address(self, folder: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{folder}/"


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[Mirror]:
    mirror = Mirror(answers)
    thread = threading.Thread(target=mirror.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mirror
    finally:
        mirror.server.shutdown()
        thread.join()
        mirror.server.server_close()


def send(
    request: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, length: int | None = -1, **headers: str
) -> None:
    """An answer; `length` is what its header claims (-1: the truth, None: nothing)."""
    request.send_response(status)
    if length is not None:
        request.send_header("Content-Length", str(len(body) if length == -1 else length))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(body)


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
