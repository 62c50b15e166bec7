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
        "errno": error.errno if isinstance(error, OSError) else None,
        "strerror": error.strerror if isinstance(error, OSError) else None,
        "filename": str(error.filename) if isinstance(error, OSError) else None,
    }


def raised(told: dict[str, Any]) -> Exception:
    """The error again: of its own kind if it is of this package's or the system's."""
    kind = getattr(errors, told["kind"], None) if told["kind"] else None
    if kind is not None and not issubclass(kind, errors.ConfigurationSyntaxError):
        return kind(told["message"])  # type: ignore[no-any-return]  # one of the errors
    if told["errno"] is not None:
        return OSError(told["errno"], told["strerror"], told["filename"])
    return WorkerError(f"a worker failed: {told['message']}")
