"""Texts that a user gives: in a list, or in a file with one on each line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from image_sequence.datasets.policies.kinds import LONGEST
from image_sequence.datasets.policies.settings import texts_of
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown

_LONGEST_PATH = 4096  # A path is shown whole: its end is what tells.
_DIGEST_LENGTH = 64  # Of SHA-256, in hexadecimal digits.


@dataclass(frozen=True)
class Strings:
    """Texts, read when they are first asked for.

    Attributes:
        texts: the texts themselves; None for those of a file.
        file: the path of a UTF-8 text file, one text on each line.
        sha256: what the file's SHA-256 must be, in hexadecimal; None for any.

    Raises:
        ArgumentTypeError: a path or a sum that is no text.
        ArgumentValueError: texts and a file, or neither; or a sum that is none.

    >>> Strings(("12", "7")).lines
    ('12', '7')
    """

    texts: tuple[str, ...] | None = None
    file: str | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        if (self.texts is None) == (self.file is None):
            given = "both" if self.file is not None else "neither"
            raise ArgumentValueError(f"texts or file says what is written; {given} was given")
        for name in ("file", "sha256"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise ArgumentTypeError(f"{name} is a text, not {shown(value)}")
        _check_lengths(self.texts or (), "the list")
        if self.sha256 is None:
            return
        if self.file is None:
            raise ArgumentValueError("sha256 is that of a file, and there is none")
        if len(self.sha256) != _DIGEST_LENGTH or set(self.sha256) - set("0123456789abcdef"):
            raise ArgumentValueError(
                f"sha256 is {_DIGEST_LENGTH} of the digits 0-9 and a-f, not {shown(self.sha256)}"
            )

    @classmethod
    def of(cls, settings: object, name: str) -> Self:
        """The texts that JSON describes: a list, or `{"file": path, "sha256": sum}`.

        Args:
            settings: what JSON says.
            name: what errors call it.
        """
        if not isinstance(settings, Mapping):
            return cls(texts_of(settings, name))
        for key in settings:
            if key not in ("file", "sha256"):
                raise ArgumentValueError(
                    f"{name} has no key {shown(key)}; it is a list of texts, or has the keys file "
                    f"and sha256"
                )
        return cls(None, settings.get("file"), settings.get("sha256"))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        # Not what was read; but another process must not read another file.
        known = self._read[0] if "_read" in self.__dict__ else self.sha256
        return type(self), (self.texts, self.file, known)

    @property
    def lines(self) -> tuple[str, ...]:
        """The texts, in order. Those of a file end in LF or CRLF; blank lines are left out.

        Raises:
            ArgumentValueError: the file cannot be read, is not UTF-8, has no texts, or has another
                sum.
        """
        return self._read[1] if self.texts is None else self.texts

    def to_json(self) -> Any:
        """The same in plain JSON values, a file with its SHA-256: it is read for that."""
        if self.texts is not None:
            return list(self.texts)
        return {"file": self.file, "sha256": self._read[0]}

    @cached_property
    def _read(self) -> tuple[str, tuple[str, ...]]:
        """The file's SHA-256 and its lines."""
        name = f"the file {shown(self.file, longest=_LONGEST_PATH)}"
        try:
            content = Path(str(self.file)).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL.
            reason = getattr(error, "strerror", None) or error
            raise ArgumentValueError(f"{name} of texts cannot be read: {reason}") from error
        digest = sha256(content).hexdigest()
        if self.sha256 not in (None, digest):
            raise ArgumentValueError(
                f"{name} is not the one that was meant: its SHA-256 is {digest}, not {self.sha256}"
            )
        return digest, _lines(content, name)


def _check_lengths(texts: Sequence[str], name: str) -> None:
    for number, text in enumerate(texts, 1):
        if len(text) > LONGEST:
            raise ArgumentValueError(
                f"text {number} of {name} has {len(text)} characters; {LONGEST} or fewer work"
            )


def _lines(content: bytes, name: str) -> tuple[str, ...]:
    try:
        text = content.decode("utf-8-sig")  # Windows' editors begin files with a mark.
    except UnicodeDecodeError as error:
        raise ArgumentValueError(
            f"{name} is not UTF-8: {error.reason} at byte {error.start}; save it as UTF-8"
        ) from error
    # Not splitlines, which takes more for line ends than editors do.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    _check_lengths(lines, name)
    kept = tuple(line for line in lines if line.strip())
    if not kept:
        raise ArgumentValueError(f"{name} has no texts; it has one or more, each on its own line")
    return kept
