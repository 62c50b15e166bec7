"""A real HTTP server on loopback that serves files in every bad way there is, and in a good one."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BLOCK = bytes(1 << 16)


@dataclass
class Misbehaving:
    """The server. The first part of a URL's path says how it serves the file: `url("cut")`.

    Attributes:
        files: what it serves.
        wrong: what it serves under the same names when it serves wrong bytes.
        requests: of each request, how it was served, which file was asked for, and its Range.
        dripping: set when the first byte of a drip is out.
    """

    files: dict[str, bytes]
    wrong: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    dripping: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.port}/{way}/"

    def ranges(self, way: str = "good") -> list[str | None]:
        return [given for used, _, given in self.requests if used == way]


@contextmanager
def misbehaving(files: dict[str, bytes]) -> Iterator[Misbehaving]:
    """The server at work."""
    told = Misbehaving(files)

    class Handler(_Handler):
        server_told = told

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            told.stopped.set()
            server.shutdown()
            thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    server_told: Misbehaving
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        _, way, name = self.path.split("/", 2)
        self.server_told.requests.append((way, name, self.headers["Range"]))
        self.close_connection = True
        served: Callable[[bytes], None] = getattr(self, f"serve_{way}")
        with suppress(BrokenPipeError, ConnectionResetError):  # The client has had enough.
            served(self.server_told.files.get(name, b""))

    def head(self, status: int, **headers: Any) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), str(value))
        self.end_headers()

    def head_of_rest(self, content: bytes) -> bytes:
        """The head for what is asked for by Range; gives what the body must be."""
        asked = self.headers["Range"]
        if asked is None:
            self.head(200, Content_Length=len(content))
            return content
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            self.head(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
            return b""
        self.head(
            206,
            Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}",
            Content_Length=len(content) - start,
        )
        return content[start:]

    # The good ways.

    def serve_good(self, content: bytes) -> None:
        self.wfile.write(self.head_of_rest(content))

    def serve_chunked(self, content: bytes) -> None:
        self.head(200, Transfer_Encoding="chunked")
        for start in range(0, len(content), 1000):
            chunk = content[start : start + 1000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def serve_without_ranges(self, content: bytes) -> None:
        self.head(200, Content_Length=len(content))
        self.wfile.write(content)

    def serve_after_a_redirect(self, _content: bytes) -> None:
        self.head(302, Location=self.path.replace("after_a_redirect", "good"), Content_Length=0)

    # The six bad ways.

    def serve_wrong(self, _content: bytes) -> None:
        name = self.path.rpartition("/")[2]
        self.wfile.write(self.head_of_rest(self.server_told.wrong[name]))

    def serve_cut(self, content: bytes) -> None:
        rest = self.head_of_rest(content)
        self.wfile.write(rest[: len(rest) // 2])

    def serve_forbidden(self, _content: bytes) -> None:
        self.head(403, Content_Length=5)
        self.wfile.write(b"never")

    def serve_circle(self, _content: bytes) -> None:
        self.head(302, Location=self.path)
        self.write_endlessly()

    def serve_drip(self, content: bytes) -> None:
        for byte in self.head_of_rest(content):
            self.wfile.write(bytes([byte]))
            self.server_told.dripping.set()
            if self.server_told.stopped.wait(0.05):
                break

    def serve_endless(self, content: bytes) -> None:
        self.head(200)
        self.wfile.write(content)
        self.write_endlessly()

    # Worse ones.

    def serve_dripping_head(self, _content: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.server_told.stopped.wait(0.05):
            self.wfile.write(b"x")

    def serve_endless_prelude(self, _content: bytes) -> None:
        while not self.server_told.stopped.is_set():
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    def serve_other_range(self, content: bytes) -> None:
        if self.headers["Range"] is None:
            self.serve_without_ranges(content)
            return
        self.head(206, Content_Range=f"bytes 1-{len(content) - 1}/{len(content)}", Content_Length=1)
        self.wfile.write(b"x")

    def serve_partial_unasked(self, content: bytes) -> None:
        self.head(206, Content_Range=f"bytes 0-9/{len(content)}", Content_Length=10)
        self.wfile.write(content[:10])

    def serve_other_size(self, content: bytes) -> None:
        self.head(200, Content_Length=10**12)
        self.wfile.write(content)

    def serve_file_redirect(self, _content: bytes) -> None:
        self.head(302, Location=Path(__file__).as_uri(), Content_Length=0)

    def serve_ftp_redirect(self, _content: bytes) -> None:
        self.head(302, Location="ftp://127.0.0.1/file", Content_Length=0)

    def serve_noise(self, _content: bytes) -> None:
        self.wfile.write(b"\0\1\2 this is not HTTP\r\n\r\n")

    def serve_nothing(self, _content: bytes) -> None:
        pass

    def serve_silence(self, _content: bytes) -> None:
        self.server_told.stopped.wait(30)

    def write_endlessly(self) -> None:
        while not self.server_told.stopped.is_set():
            self.wfile.write(BLOCK)
