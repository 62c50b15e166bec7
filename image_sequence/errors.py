"""Every error this package raises on purpose.

Each one belongs to `ImageSequenceError` *and* to the built-in kind that fits, so
`except ImageSequenceError` catches them all and `except KeyError` works too.
"""

import json


class ImageSequenceError(Exception):
    """The root: what was asked for cannot be done, and the message says what would work."""


class ArgumentTypeError(ImageSequenceError, TypeError):
    """An argument is not of the kind that is needed."""


class ArgumentValueError(ImageSequenceError, ValueError):
    """An argument is of the right kind, but its value cannot work."""


class NoGapError(ImageSequenceError, RuntimeError):
    """One digit has no gap between digits."""


class ConfigurationError(ImageSequenceError):
    """The configuration cannot be used."""


class ConfigurationKeyError(ConfigurationError, KeyError):
    """The configuration lacks a key."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument: a quoted, escaped sentence.
        return str(self.args[0])


class ConfigurationTypeError(ConfigurationError, TypeError):
    """A part of the configuration is not of the kind that is needed, or names nothing known."""


class ConfigurationValueError(ConfigurationError, ValueError):
    """A part of the configuration has a value that cannot work."""


class ConfigurationNotFoundError(ConfigurationError, FileNotFoundError):
    """There is no such configuration file."""


class ConfigurationUnreadableError(ConfigurationError, PermissionError):
    """The configuration file is there, but cannot be read."""


class ConfigurationSyntaxError(ConfigurationError, json.JSONDecodeError):
    """The configuration file is not JSON."""


class SourceNotFoundError(ImageSequenceError, FileNotFoundError):
    """The glyphs are not where they were looked for."""


class DownloadError(ImageSequenceError, OSError):
    """A data set cannot be had from any of its mirrors."""


class IdxError(ImageSequenceError, ValueError):
    """A file is not a whole, sound IDX file."""


class PictureError(ImageSequenceError, ValueError):
    """A file is not a whole, sound picture, or no sound file of pictures."""


class RecordError(ImageSequenceError, ValueError):
    """A line of a file of records is no record."""


class RecipeError(ImageSequenceError, ValueError):
    """A recipe of a data set cannot be used."""


class RecipeNotFoundError(ImageSequenceError, FileNotFoundError):
    """There is no such recipe, or no data set."""


class TakenError(ImageSequenceError, FileExistsError):
    """A folder is another data set's, somebody else's, or in use by another process."""


class SourceChangedError(ImageSequenceError, RuntimeError):
    """The glyphs are others than those that a data set was begun with."""


class UnfinishedError(ImageSequenceError, OSError):
    """A data set could not be finished; what is finished is kept, and the same again goes on."""


class WorkerError(ImageSequenceError, RuntimeError):
    """A worker failed, again and again, without saying why."""


class ShardError(ImageSequenceError, ValueError):
    """A shard of a data set is not what was written."""


class InfeasibleTargetError(ImageSequenceError, ValueError):
    """A target of a CTC loss needs more frames than the model makes: the loss would be infinite."""


class PluginError(ImageSequenceError, ValueError):
    """A spacing strategy or a transform returned something that cannot be used."""


class LibraryError(ImageSequenceError, ImportError):
    """A library that this needs is missing or does not load."""


def shown(value: object, *, longest: int = 60) -> str:
    """A value as a message shows it: its repr, cut to `longest` characters.

    >>> shown("digits"), shown(10**5000)
    ("'digits'", 'an int too long to show')
    """
    try:
        text = repr(value)
    except ValueError:  # Python refuses to print whole numbers of more than 4,300 digits.
        return f"an {type(value).__name__} too long to show"
    return text if len(text) <= longest else f"{text[:longest]}…"
