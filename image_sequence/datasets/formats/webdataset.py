"""WebDataset: tar files, read from the first byte to the last wherever they are."""

import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from image_sequence.datasets.encoding import RAW
from image_sequence.datasets.formats import files_of_pictures as files
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError, shown
from image_sequence.sample import Batch

_BLOCK = 512
_RECORD = 20 * _BLOCK  # The length of a tar file is a multiple of it.
_SIZE, _CHECKSUM = slice(124, 135), slice(148, 156)

# A ustar header's fields and their lengths (POSIX.1-2017, pax, "ustar Interchange Format"): a file
# of nobody's, from the year 1970, so that the same samples make the same bytes.
_FIELDS = (
    (b"", 100),  # The name.
    (b"0000644", 8),  # What may be done with it.
    (b"0000000", 8),
    (b"0000000", 8),
    (b"00000000000", 12),  # The size.
    (b"00000000000", 12),
    (b" " * 8, 8),  # The checksum counts itself as blanks.
    (b"0", 1),  # A plain file.
    (b"", 100),
    (b"ustar\x0000", 8),
    (b"", 247),
)
_HEADER = b"".join(field.ljust(length, b"\0") for field, length in _FIELDS)
_SUM = sum(_HEADER) - sum(_HEADER[_SIZE])


class WebDataset:
    """A tar file for each shard; in it, a picture, a record and a text for each sample."""

    suffix = ".tar"
    encodings = (*files.ENCODINGS, RAW)
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Nothing: it needs no library."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the tar file; see `Format`."""
        suffix = details.encoding.suffix
        with path.open("xb", buffering=files.BUFFER) as tar:
            for batch in batches:
                pictures = details.encoding.encoded(batch.images)
                records = batch.to_jsons(masks=details.masks)
                names = map(files.named, batch.indices.tolist())
                for parts in zip(names, pictures, records, batch.texts, strict=True):
                    name, picture, record, text = parts
                    tar.write(entry(name + suffix, picture))
                    tar.write(entry(name + ".json", record.encode()))
                    tar.write(entry(name + ".txt", text.encode()))
            tar.write(bytes(2 * _BLOCK))
            tar.write(bytes(-tar.tell() % _RECORD))

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples in the tar file; see `Format`."""
        if path.stat().st_size % _RECORD:
            raise ShardError(f"{str(path)!r} is no whole tar file: its end is missing")
        try:
            with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
                members = _members(tar, file, str(path))
                for index in range(details.shard.first, details.shard.stop):
                    yield _sample(members, index, details, str(path))
                for name, _ in members:
                    raise ShardError(f"{str(path)!r} has more than its samples: {shown(name)}")
        except tarfile.TarError as error:
            raise ShardError(f"{str(path)!r} is no whole tar file: {error}") from error

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:
        """By WebDataset."""
        suffix = details.encoding.suffix.lstrip(".")
        return (
            "import webdataset\n"
            "\n"
            f'dataset = webdataset.WebDataset("{_braced(paths)}", shardshuffle=False)\n'
            f'samples = dataset.decode("pil").to_tuple("{suffix}", "txt", "json")\n'
            "image, text, record = next(iter(samples))\n"
        )


def entry(name: str, content: bytes) -> bytes:
    """A file as it stands in a tar file, filled up to whole blocks.

    Args:
        name: at most 100 bytes of ASCII.
        content: less than 8 GiB.
    """
    named, size = name.encode("ascii"), b"%011o" % len(content)
    header = bytearray(_HEADER)
    header[: len(named)] = named
    header[_SIZE] = size
    header[_CHECKSUM] = b"%06o\0 " % (_SUM + sum(named) + sum(size))
    return b"".join((header, content, bytes(-len(content) % _BLOCK)))


def _members(tar: tarfile.TarFile, file: BinaryIO, where: str) -> Iterator[tuple[str, bytes]]:
    while (member := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined]  # Else it remembers all; not documented.
        if not member.isreg():
            raise ShardError(f"{where!r} has {shown(member.name)}, which is no file")
        # In half of the time that `extractfile` takes.
        file.seek(member.offset_data)
        yield member.name, file.read(member.size)


def _sample(
    members: Iterator[tuple[str, bytes]], index: int, details: Details, where: str
) -> StoredSample:
    parts = []
    for suffix in (details.encoding.suffix, ".json", ".txt"):
        expected = files.named(index) + suffix
        name, content = next(members, (None, b""))
        if name != expected:
            found = "its end" if name is None else shown(name)
            raise ShardError(f"{where!r} has {found} where {expected!r} ought to be")
        parts.append(content)
    picture, record, text = parts
    line = f"{files.named(index)}.json in {where!r}"
    stored = files.from_record(files.parsed(record, line), index, picture, line)
    if text != (stored.text or "").encode():
        raise ShardError(f"{where!r} has {shown(text)} as text {index}, not {shown(stored.text)}")
    return stored


def _braced(paths: list[str]) -> str:
    """The names of all shards in one, as shells and WebDataset write it."""
    if len(paths) == 1:
        return paths[0]
    (prefix, _, first), (_, _, last) = paths[0].rpartition("-"), paths[-1].rpartition("-")
    numbers = (name.removesuffix(WebDataset.suffix) for name in (first, last))
    return f"{prefix}-{{{'..'.join(numbers)}}}{WebDataset.suffix}"


WEBDATASET = WebDataset()
"""The format."""
