"""What pip leaves of an installed package that offers spacing types, as far as Python looks."""

from pathlib import Path


def offer(folder: Path, entry_point: str, *, code: str = "") -> None:
    """Make a package of one module, and its entry point `name = offering_package:function`."""
    info = folder / "offering-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[image_sequence.spacing]\n{entry_point}\n")
    (folder / "offering_package.py").write_text(code)
