"""`python -m benchmarks` from the checkout, or `python path/to/benchmarks` from anywhere.

The second form leaves the checkout off the path, so that the installed package is measured.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def _become_package() -> None:
    """Make this folder importable as `benchmarks`, and its parent not at all."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != _FOLDER]
    spec = spec_from_file_location(
        "benchmarks", _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)]
    )
    if spec is None:
        raise ImportError(f"{_FOLDER} does not load as a package")
    sys.modules["benchmarks"] = module_from_spec(spec)


def _run() -> int:
    if not __package__:
        _become_package()
    from benchmarks.command import main

    return main()


sys.exit(_run())
