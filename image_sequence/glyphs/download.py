"""Getting data sets: from the first mirror that has them right, whole or not at all.

What has come so far lies in the folder as `.NAME.part`. Only when its sum is right does it get its
name.
"""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from image_sequence.errors import DownloadError
from image_sequence.files import written_whole
from image_sequence.glyphs.catalogue import Archive, DataFile, DataSet, known
from image_sequence.glyphs.mirrors import USUAL_LIMITS, Limits, MirrorError, asked, check_mirror

__all__ = ["Limits", "download"]


def _silent(_message: object) -> None:
    pass


def download(
    data_set: DataSet | str,
    folder: str | PathLike[str],
    *,
    mirrors: Sequence[str] | None = None,
    limits: Limits = USUAL_LIMITS,
    progress: bool = False,
    tell: Callable[[str], object] = _silent,
    arrived: Callable[[Path], object] = _silent,
) -> tuple[Path, ...]:
    """Get a data set, or what is missing of it; a transfer that broke off is gone on with.

    Files that are there and right are left alone. A file that is there and wrong is replaced when a
    right one has come.

    Args:
        data_set: the data set, or the name of a known one.
        folder: the folder for its files; it is made if need be.
        mirrors: URL prefixes to ask in order, instead of all those that are known.
        limits: when a mirror is given up.
        progress: show a bar on standard error, if that is a terminal.
        tell: is handed a sentence on each thing that is not as usual.
        arrived: is handed the path of each file as soon as it is there.

    Returns:
        The paths of its files.

    Raises:
        ArgumentValueError: no such data set is known, or a mirror is not a URL.
        DownloadError: no mirror has a file, or another process is at it.
        OSError: a file cannot be written.
    """
    data_set = known(data_set) if isinstance(data_set, str) else data_set
    for mirror in mirrors or ():
        check_mirror(mirror)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    transfer = _Transfer(data_set, folder, tuple(mirrors or ()), limits, progress, tell)
    paths = []
    with _alone_in(folder):
        for path in transfer.files():
            arrived(path)
            paths.append(path)
    return tuple(paths)


@dataclass(frozen=True, slots=True)
class _Transfer:
    data_set: DataSet
    folder: Path
    mirrors: tuple[str, ...]
    limits: Limits
    progress: bool
    tell: Callable[[str], object]

    def files(self) -> Iterator[Path]:
        archive = self.data_set.archive
        if archive is None:
            for file in self.data_set.files:
                yield self._fetched(file)
        else:
            yield from self._unpacked(archive)

    def _unpacked(self, archive: Archive) -> Iterator[Path]:
        if all(self._is_right(file) for file in self.data_set.files):
            yield from (self.folder / file.name for file in self.data_set.files)
        else:
            yield from _each_unpacked(self._fetched(archive), archive)
        # Unpacked, it would take the place twice; or it is left from a run that was interrupted.
        (self.folder / archive.name).unlink(missing_ok=True)

    def _fetched(self, file: DataFile) -> Path:
        path = self.folder / file.name
        if self._is_right(file):
            return path
        part = self.folder / f".{file.name}.part"
        if _size(part) == 0 or file.fault(part) is not None:
            if _size(part) >= file.most_bytes:
                part.unlink()
            self._fetch(file, part)
        part.replace(path)
        return path

    def _is_right(self, file: DataFile) -> bool:
        path = self.folder / file.name
        if not path.exists():
            return False
        fault = file.fault(path)
        self.tell(
            f"{path} is there already"
            if fault is None
            else f"{path} is there but wrong, it is replaced when a right one has come: {fault}"
        )
        return fault is None

    def _fetch(self, file: DataFile, part: Path) -> None:
        """Make the part the whole file, from the first mirror that can."""
        troubles: list[str] = []
        for mirror in self.mirrors or file.mirrors or self.data_set.mirrors:
            if troubles:
                self.tell(f"{file.name}: {troubles[-1]}; trying {mirror}")
            try:
                self._fetch_from(f"{mirror.rstrip('/')}/{file.name}", file, part)
            except MirrorError as error:
                troubles.append(f"{mirror} {error}")
            else:
                return
        raise DownloadError(self._advice(file, troubles))

    def _fetch_from(self, url: str, file: DataFile, part: Path) -> None:
        for left in reversed(range(self.limits.attempts)):
            try:
                self._attempt(url, file, part)
            except MirrorError as error:
                if error.spoils_part:
                    part.unlink(missing_ok=True)
                if not (error.may_pass and left):
                    raise
            else:
                return

    def _attempt(self, url: str, file: DataFile, part: Path) -> None:
        offset = _size(part)
        with asked(url, offset=offset, most_bytes=file.most_bytes, limits=self.limits) as answer:
            if answer.due is not None:
                _refuse_other_size(file, answer.start + answer.due)
            with (
                # The bar first: Python may lose a Ctrl-C that comes while it imports tqdm.
                self._bar(file, answer.start, answer.due) as bar,
                part.open("ab" if answer.start else "wb") as out,
            ):
                for piece in answer.pieces(most_bytes=file.most_bytes - answer.start):
                    out.write(piece)
                    bar.update(len(piece))
        fault = file.fault(part)
        if fault is not None:
            # The wrong bytes may be those that were there before: then the mirror gets a chance.
            raise MirrorError(fault, may_pass=answer.start > 0, spoils_part=True)

    def _bar(self, file: DataFile, start: int, due: int | None) -> Any:
        from tqdm import tqdm

        return tqdm(
            desc=file.name,
            initial=start,
            total=file.served_byte_count if due is None else start + due,
            unit="B",
            unit_scale=True,
            unit_divisor=1024,
            leave=False,
            # disable=None asks whether stderr is a terminal.
            disable=None if self.progress else True,
        )

    def _advice(self, file: DataFile, troubles: list[str]) -> str:
        lacking = self.data_set.lacking(self.folder)
        by_hand = (file,) if file == self.data_set.archive else lacking or (file,)
        return (
            f"{file.name} cannot be had: {'; '.join(troubles)}. "
            f"The same command again goes on where this one stopped. By hand: put "
            f"{', '.join(each.name for each in by_hand)} into {str(self.folder)!r}"
            f"{' and give the command again' if file == self.data_set.archive else ''}"
            f"{f'; {self.data_set.name} can be read without' if file.is_optional else ''}"
        )


def _each_unpacked(path: Path, archive: Archive) -> Iterator[Path]:
    try:
        with ZipFile(path) as zipped:
            for member in archive.members:
                target = path.parent / member.rpartition("/")[2]
                with (
                    zipped.open(member) as source,
                    written_whole(target) as partial,
                    partial.open("wb") as out,
                ):
                    shutil.copyfileobj(source, out)
                yield target
    except (KeyError, BadZipFile) as error:
        raise DownloadError(f"{path} does not hold what it should: {error}") from error


def _refuse_other_size(file: DataFile, byte_count: int) -> None:
    due = file.served_byte_count
    if byte_count > file.most_bytes or byte_count != (due or byte_count):
        most = f"at most {file.most_bytes}" if due is None else due
        raise MirrorError(f"has a file of {byte_count} bytes instead of {most}")


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other process downloads into the folder meanwhile.

    The lock is the system's: it ends with the process, however that ends. The file stays, because
    somebody who has it open could lock a removed file.
    """
    with (folder / ".lock").open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise DownloadError(
                f"{str(folder)!r} cannot be locked ({error.strerror}): another process downloads "
                f"into it, and will be done in a while, or the file system knows no locks, and "
                f"another folder works"
            ) from error
        yield


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
