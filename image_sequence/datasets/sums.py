"""Sums of shards, be they files or folders."""

from hashlib import file_digest, sha256
from pathlib import Path


def measured(path: Path) -> tuple[int, str]:
    """How many bytes a file, or a folder's files, have, and their SHA-256, hexadecimal.

    That of a folder is over a line a file, `<sha256>  <name>`, in the order of the names, as the
    program sha256sum writes them.
    """
    if not path.is_dir():
        return path.stat().st_size, _sum(path)
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    total, lines = 0, sha256()
    for name in sorted(files):
        total += files[name].stat().st_size
        lines.update(f"{_sum(files[name])}  {name}\n".encode())
    return total, lines.hexdigest()


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
