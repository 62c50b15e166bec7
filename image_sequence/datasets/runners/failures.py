"""Errors on their way from a worker to whoever asked for the work."""

import traceback
from typing import Any

from image_sequence import errors
from image_sequence.errors import ImageSequenceError, WorkerError


def described(error: Exception) -> dict[str, Any]:
    """An error in plain JSON values.

    >>> raised(described(FileNotFoundError(2, "No such file", "digits.txt")))
    FileNotFoundError(2, 'No such file')
    """
    own = isinstance(error, ImageSequenceError)
    return {
        "kind": type(error).__name__ if own else None,
        "message": str(error) if own else "".join(traceback.format_exception_only(error)).strip(),
        "system": _of_system(error) if isinstance(error, OSError) else None,
    }


def _of_system(error: OSError) -> list[Any]:
    """What makes an OSError of the same kind again."""
    if error.errno is None:
        return [str(error)]
    named = [] if error.filename is None else [str(error.filename)]
    return [error.errno, error.strerror, *named]


def raised(told: dict[str, Any]) -> Exception:
    """The error again: of its own kind if it is of this package's or the system's."""
    kind = getattr(errors, told["kind"], None) if told["kind"] else None
    if kind is not None and not issubclass(kind, errors.ConfigurationSyntaxError):
        return kind(told["message"])  # type: ignore[no-any-return]  # one of the errors
    if told["system"] is not None:
        return OSError(*told["system"])
    return WorkerError(f"a worker failed: {told['message']}")
