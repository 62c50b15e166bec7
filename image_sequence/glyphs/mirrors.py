"""What a mirror answers: every byte timed and counted, every mishap a `MirrorError`."""

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from image_sequence.errors import ArgumentValueError, shown

_CHUNK = 1 << 16
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:(\d{1,15})|\*)")
# What a server or a line can do wrong; the last are headers that Python cannot make sense of.
_MISHAPS = (OSError, HTTPException, ValueError)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a mirror is given up.

    Attributes:
        timeout: seconds of silence, while connecting and between two pieces.
        window: seconds of waiting, after which it is asked how much has come.
        pace: bytes a second that must have come in each window.
        attempts: how often one mirror is asked for one file.
    """

    timeout: float = 30.0
    window: float = 30.0
    pace: float = 1024.0
    attempts: int = 3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ArgumentValueError(f"the limit {field.name} is above 0, not {shown(value)}")


USUAL_LIMITS = Limits()


class MirrorError(Exception):
    """Why a mirror is of no use. It does not leave `glyphs.download`.

    Attributes:
        may_pass: the same mirror may do better when it is asked again.
        spoils_part: what has come so far does not belong to the file.
    """

    def __init__(self, message: str, *, may_pass: bool = False, spoils_part: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.spoils_part = spoils_part


def check_mirror(url: str) -> None:
    """Refuse what is not the beginning of a URL that can be asked.

    Raises:
        ArgumentValueError: it is not.
    """
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # Of a bad IPv6 address.
        is_sound = False
    if not is_sound or not re.fullmatch("[!-~]+", url):
        raise ArgumentValueError(
            f"a mirror is the beginning of a URL, such as https://example.org/mnist/, "
            f"not {shown(url)}"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question for a file.

    Attributes:
        start: the position in the file of the first byte to come.
        due: the bytes to come; None if the mirror does not say.
    """

    start: int
    due: int | None
    _response: HTTPResponse

    def pieces(self, *, most_bytes: int) -> Iterator[bytes]:
        """What comes, until all that is due has.

        Raises:
            MirrorError: less than is due, more than `most_bytes`, or too slowly.
        """
        count = 0
        while self.due is None or count < self.due:
            piece = self._piece(count)
            if not piece:
                break
            count += len(piece)
            if count > most_bytes:
                raise MirrorError(
                    f"sends more than the {self.start + most_bytes} bytes it may", spoils_part=True
                )
            yield piece
        if self.due is not None and count < self.due:
            raise _broken_off(count, f"{count} of {self.due} bytes came")

    def _piece(self, count: int) -> bytes:
        wanted = _CHUNK if self.due is None else min(_CHUNK, self.due - count)
        try:
            return self._response.read1(wanted)
        except _SlowError as error:
            raise MirrorError(str(error)) from error
        except _MISHAPS as error:
            raise _broken_off(count, _reason(error)) from error


@contextmanager
def asked(url: str, *, offset: int, most_bytes: int, limits: Limits) -> Iterator[Answer]:
    """The answer to the question for the file at `url`, from the byte `offset` on.

    The mirror may begin at 0 nevertheless: `Answer.start` says so.

    Raises:
        MirrorError: there is no use in the answer, or none.
    """
    headers = {"User-Agent": "image-sequence"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        request = Request(url, headers=headers)  # noqa: S310  # _opener knows http and https only
        response = _opener(limits, most_bytes).open(request, timeout=limits.timeout)
    except HTTPError as error:
        error.close()
        is_beyond_end = error.code == 416 and offset > 0
        raise MirrorError(
            f"HTTP {error.code} {error.reason}", may_pass=is_beyond_end, spoils_part=is_beyond_end
        ) from error
    except _MISHAPS as error:
        raise MirrorError(_reason(error)) from error
    with response:
        yield _answer(response, offset)


def _answer(response: HTTPResponse, offset: int) -> Answer:
    if response.status == 200:
        return Answer(0, response.length, response)
    if response.status != 206 or offset == 0:
        raise MirrorError(f"HTTP {response.status} {response.reason}")
    header = response.headers.get("Content-Range", "")
    found = _CONTENT_RANGE.fullmatch(header)
    if found:
        start, end = int(found[1]), int(found[2]) + 1
        reaches_end = found[3] is None or end == int(found[3])
        if start == offset and reaches_end and response.length in (None, end - start):
            return Answer(start, end - start, response)
    raise MirrorError(
        f"answers a question for byte {offset} on by {shown(header)}",
        may_pass=True,
        spoils_part=True,
    )


def _broken_off(count: int, why: str) -> MirrorError:
    return MirrorError(f"broke off: {why}", may_pass=count > 0)


def _reason(error: BaseException) -> str:
    if isinstance(error, URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    if isinstance(error, HTTPException):
        return f"{type(error).__name__} {error}"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class _SlowError(TimeoutError):
    """Bytes come, but too few."""


class _Timed(io.RawIOBase):
    """A stream that gives up when too little comes in too long a time, or too much in all.

    It lies below everything http.client reads: a status line can drip as well as a body.
    """

    def __init__(self, stream: io.BufferedReader, limits: Limits, most_bytes: int) -> None:
        self._stream = stream
        self._limits = limits
        self._room = most_bytes
        self._waited = 0.0
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        begun = time.monotonic()
        count = self._stream.readinto1(buffer)
        # The time of the reader, who writes files, is not the mirror's fault.
        self._waited += time.monotonic() - begun
        self._count += count
        self._room -= count
        if self._room < 0:
            raise OSError("its answer has no end")
        if count and self._waited >= self._limits.window:
            self._judge()
        return count

    def _judge(self) -> None:
        if self._count < self._limits.pace * self._waited:
            raise _SlowError(
                f"too slow: {self._count} bytes in {self._waited:.3g} s, "
                f"at least {self._limits.pace:g} a second must come"
            )
        self._waited, self._count = 0.0, 0

    def close(self) -> None:
        self._stream.close()
        super().close()


def _opener(limits: Limits, most_bytes: int) -> OpenerDirector:
    """Knows http and https and nothing else, no file: or ftp: that a redirect might lead to."""
    opener = OpenerDirector()

    def timed(*args: Any, **settings: Any) -> HTTPResponse:
        response = HTTPResponse(*args, **settings)
        # Twice as much: headers and the frames of a chunked answer come on top of the file.
        stream = _Timed(response.fp, limits, 2 * most_bytes + (1 << 20))
        response.fp = io.BufferedReader(stream)
        return response

    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        _Http(timed),
        _Https(timed),
        HTTPDefaultErrorHandler(),
        _Redirects(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _Http(HTTPHandler):
    def __init__(self, respond: Callable[..., HTTPResponse]) -> None:
        super().__init__()
        self._respond = respond

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **settings: Any) -> HTTPConnection:
        connection = HTTPConnection(host, **settings)
        connection.response_class = self._respond  # type: ignore[assignment]  # only called
        return connection


class _Https(HTTPSHandler):
    def __init__(self, respond: Callable[..., HTTPResponse]) -> None:
        super().__init__()
        self._respond = respond

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **settings: Any) -> HTTPSConnection:
        connection = HTTPSConnection(host, **settings)
        connection.response_class = self._respond  # type: ignore[assignment]  # only called
        return connection


class _Redirects(HTTPRedirectHandler):
    inf_msg = "redirects in a circle, last by: "

    def http_error_302(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> Any:
        fp.close()  # urllib would read the body of the redirect, however long, into memory.
        return super().http_error_302(req, fp, code, msg, headers)  # type: ignore[arg-type]  # email's Message is all it is

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302
