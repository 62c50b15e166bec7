"""From what a user gives as a source to a `GlyphSource`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, SourceNotFoundError, shown
from image_sequence.glyphs.arrays import NpzFile
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.catalogue import KNOWN, known
from image_sequence.glyphs.pairs import HuggingFace, Pairs
from image_sequence.glyphs.pictures import ImageFolder
from image_sequence.glyphs.places import find_folder
from image_sequence.glyphs.sources import BundledDigits, GlyphSource, IdxFolder, Loaded

_IDX_FILES = "*-images?idx3-ubyte*"
_SAVED_BY_DATASETS = ("dataset_info.json", "dataset_dict.json")  # As its save_to_disk writes them.


def known_data(name: str, **settings: Any) -> IdxFolder:
    """A known data set that lies where `image-sequence download` puts it.

    Args:
        name: one of the catalogue, such as "fashion-mnist".
        settings: of `IdxFolder`, for the split or the writers.

    Raises:
        ArgumentValueError: no such data set is known.
        SourceNotFoundError: it is not there; the message says how to get it.
        LibraryError: nobody knows where it would be.
    """
    data_set = known(name)
    return IdxFolder(
        find_folder(name),
        name=name,
        stems=dict(data_set.file_stems),
        names=None if data_set.label_names is None else dict(data_set.label_names),
        is_transposed=data_set.is_transposed,
        **settings,
    )


def named_pairs(name: str, **settings: Any) -> Pairs:
    """A sequence of (image, label) that a module holds.

    Args:
        name: "package.module:attribute"; if it can be called, what it returns is taken.
        settings: of `Pairs`.

    Raises:
        ArgumentValueError: there is none of that name.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ArgumentValueError(
            f"pairs have a name such as 'package.module:attribute'; {shown(name)} does not lead "
            f"to any: {error}"
        ) from error
    return Pairs(found() if callable(found) else found, **settings)


KINDS: Mapping[str, Callable[..., GlyphSource]] = {
    "known": known_data,
    "idx": IdxFolder,
    "pictures": ImageFolder,
    "npz": NpzFile,
    "huggingface": HuggingFace,
    "pairs": named_pairs,
}
"""How sources can be described by a text, in configurations and on the command line."""


def described_source(
    text: str | PathLike[str], kind: str | None = None, **settings: Any
) -> GlyphSource:
    """The source that a text stands for.

    Args:
        text: a path, the name of a known data set where there is no such path, or either of them
            behind a kind and a colon: "huggingface:folder".
        kind: one of `KINDS`; found out, if it is None.
        settings: what sources of that kind take beside it.

    Raises:
        ArgumentTypeError: the text is none, or the kind does not take such a setting.
        ArgumentValueError: no such kind; or as the source.
        SourceNotFoundError: there is nothing.
    """
    if not isinstance(text, (str, PathLike)):
        raise ArgumentTypeError(f"a source is a path or a name, not {shown(text)}")
    if kind is None:
        kind, text = _kind_and_rest(text)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ArgumentValueError(
            f"the kind of a source is one of {', '.join(map(repr, KINDS))}, not {shown(kind)}"
        )
    try:
        return KINDS[kind](text, **settings)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise ArgumentTypeError(
            f"a source of the kind {kind!r} does not take one of "
            f"{', '.join(map(repr, settings))}: {error}"
        ) from error


def as_source(source: object) -> GlyphSource:
    """What a user gave as a source, as a `GlyphSource`.

    Args:
        source: None for the bundled digits; a text or a path, as for `described_source`; a
            `GlyphBank`; or a source.

    Raises:
        ArgumentTypeError: something else.
        SourceNotFoundError: the folder or one of its files is missing.
    """
    if source is None:
        return BundledDigits()
    if isinstance(source, (str, PathLike)):
        return described_source(source)
    if isinstance(source, GlyphBank):
        return Loaded(source)
    if isinstance(source, GlyphSource) and not isinstance(source, type):
        return source
    raise ArgumentTypeError(
        f"a source is a path, the name of a known data set, a GlyphBank, Pairs or Arrays of your "
        f"own, or any object with a load() method, not {shown(source)}"
    )


def _kind_and_rest(text: str | PathLike[str]) -> tuple[str, str | PathLike[str]]:
    path = Path(text)
    if not path.exists() and isinstance(text, str):
        kind, _, rest = text.partition(":")
        if rest and kind in KINDS:
            return kind, rest
        if text in KNOWN:
            return "known", text
    if path.is_file() and path.suffix.lower() == ".npz":
        return "npz", path
    if not path.is_dir():
        raise SourceNotFoundError(
            f"there is no folder {str(path)!r} to load glyphs from; a folder of IDX files or of "
            f"pictures works, an .npz file, or one of {', '.join(KNOWN)}"
        )
    if any(path.glob(_IDX_FILES)):
        return "idx", path
    if any((path / name).is_file() for name in _SAVED_BY_DATASETS):
        return "huggingface", path
    return "pictures" if any(child.is_dir() for child in path.iterdir()) else "idx", path
