"""The page's server: of this computer, for this computer."""

import json
import os
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from socket import SHUT_RDWR
from socketserver import TCPServer
from threading import Lock
from typing import Any, NoReturn

from image_sequence.errors import ArgumentValueError
from image_sequence.playing.playground import Playground
from image_sequence.playing.tables import tables_of

LOOPBACK = "127.0.0.1"

_LARGEST_BODY = 64 * 1024
_READ_AND_FORGOTTEN = 16 * _LARGEST_BODY  # Who sends more does not hear why it is refused.
_JSON = "application/json"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PlayServer(ThreadingHTTPServer):
    """Serves one playground. As a context manager it ends with all its threads.

    Args:
        playground: what answers.
        port: where it listens, on the loopback address alone; 0 for any that is free.

    Raises:
        ArgumentValueError: the port cannot be had.
    """

    allow_reuse_address = os.name != "nt"  # On Windows two servers would share a port.
    daemon_threads = False  # So that `server_close` waits for them.

    def __init__(self, playground: Playground, port: int = 0) -> None:
        self._playground = playground
        self._drawing = Lock()
        self._open: set[Any] = set()
        self.files = _files() | {"/tables.json": (_JSON, _to_json(tables_of(playground)))}
        try:
            super().__init__((LOOPBACK, port), _Answering)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ArgumentValueError(
                f"the port {port} of {LOOPBACK} cannot be had: {reason}; use another port from "
                f"1024 to 65535, or 0 for any that is free"
            ) from error

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What this server is called by those that mean it."""
        names = (LOOPBACK, "localhost")
        bare = names if self.server_port == 80 else ()  # HTTP's own port.
        return (*(f"{name}:{self.server_port}" for name in names), *bare)

    def answer(self, settings: object) -> bytes:
        """The playground's answer as JSON; one is made at a time."""
        with self._drawing:
            return _to_json(self._playground.answer(settings))

    def server_bind(self) -> None:
        """Take the port, without asking the network what this computer is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # of IPv4

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin to answer."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End: connections that browsers keep ready would else be waited for."""
        for request in self._open.copy():
            with suppress(OSError):
                request.shutdown(SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the browser has only gone away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _RefusedError(Exception):
    """A request that is not answered as it wishes."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Answering(BaseHTTPRequestHandler):
    """Answers one request; the names of its methods are the standard library's."""

    server: PlayServer
    timeout = 10  # Seconds for what a browser sends.

    def do_GET(self) -> None:
        """Hand out a file of the page."""
        try:
            self._check_origin()
            kind, content = self._file()
        except _RefusedError as refusal:
            self._refuse(refusal)
        else:
            self._send(HTTPStatus.OK, kind, content)

    def do_POST(self) -> None:
        """Draw pictures."""
        try:
            body = self._body()
            self._check_origin()
            settings = self._settings(body)
        except _RefusedError as refusal:
            self._refuse(refusal)
        else:
            self._send(HTTPStatus.OK, _JSON, self.server.answer(settings))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing: the terminal is for what goes wrong."""

    def _check_origin(self) -> None:
        # A name of somebody else's that now leads here is DNS rebinding.
        if self.headers["Host"] not in self.server.hosts:
            raise _RefusedError(HTTPStatus.FORBIDDEN, f"ask {self.server.address}")
        origin = self.headers["Origin"]
        if origin is not None and origin.removeprefix("http://") not in self.server.hosts:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "other sites may not ask")
        is_link = self.command == "GET" and self.headers["Sec-Fetch-Mode"] == "navigate"
        site = self.headers["Sec-Fetch-Site"]
        if site not in (None, "same-origin", "none") and not is_link:
            raise _RefusedError(HTTPStatus.FORBIDDEN, "other sites may not ask")

    def _file(self) -> tuple[str, bytes]:
        path = self.path.partition("?")[0]
        if path not in self.server.files:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "there is no such file; the page is /")
        return self.server.files[path]

    def _body(self) -> bytes:
        length = self.headers["Content-Length"]
        if length is None or not length.isascii() or not length.isdigit():
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        # int() gives up above 4,300 digits.
        count = int(length[:20])
        if count > _LARGEST_BODY:
            self.rfile.read(min(count, _READ_AND_FORGOTTEN))
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {_LARGEST_BODY} bytes are read"
            )
        return self.rfile.read(count)

    def _settings(self, body: bytes) -> object:
        if self.path != "/draw":
            raise _RefusedError(HTTPStatus.NOT_FOUND, "wishes go to /draw")
        if self.headers.get_content_type() != _JSON:
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"wishes are {_JSON}")
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, f"this is not JSON: {error}") from error

    def _refuse(self, refusal: _RefusedError) -> None:
        self._send(refusal.status, _JSON, _to_json({"error": str(refusal)}))

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response_only(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(content))}
        for name, value in (_HEADERS | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _to_json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False).encode()


def _files() -> dict[str, tuple[str, bytes]]:
    """The files of the page by their paths: the kind and the content."""
    folder = files("image_sequence.playing") / "page"
    page = {}
    for file in folder.iterdir():
        suffix = "." + file.name.rpartition(".")[2]
        if suffix in _KINDS:
            page["/" + file.name.replace("index.html", "")] = (_KINDS[suffix], file.read_bytes())
    return page
