"""How long the classic command takes from nothing, what it needs, and what it leaves alone."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.places import CLIENT_SCRIPT, EXAMPLE_CONFIG
from benchmarks.processes import Run, run_python
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.timing import difference, interleaved, median, ratio_of_medians

_COMMAND = (str(CLIENT_SCRIPT), "0,1", "0", "30", "86")
_COMMANDS = {
    "client_script.py 0,1 0 30 86": _COMMAND,
    "import numpy, PIL.Image": ("-c", "import numpy, PIL.Image"),
    "import image_sequence": ("-c", "import image_sequence"),
    "an empty process": ("-c", "pass"),
}
_CLIENT, _FLOOR, _IMPORT, _EMPTY = _COMMANDS
_TRANSFORMED = f"{_CLIENT} -c {EXAMPLE_CONFIG.name}"
_HEAVY = ("imgaug", "cv2", "scipy", "matplotlib", "torch", "ray", "pyarrow")
_MODULES_CODE = f"""
import sys
import image_sequence
print(*(name for name in {_HEAVY} if name in sys.modules))
generator = image_sequence.DigitSequence(seed=7)
generator.save_image(generator.generate_numbers_sequence([0, 1], (0, 30), 86), [0, 1])
print(*(name for name in {_HEAVY} if name in sys.modules))
"""


def measured(*, quick: bool) -> Section:
    """Wall times, peak memory and imported libraries of whole processes."""
    with TemporaryDirectory() as name:
        figures, notes = _figures(Path(name), quick=quick)
    return Section(
        part="startup",
        title="whole processes, one after the other in turn, in an empty folder",
        figures=figures,
        notes=notes,
    )


def _figures(folder: Path, *, quick: bool) -> tuple[list[Figure], list[str]]:
    runs: dict[str, list[Run]] = {}
    plain = {name: _action(name, command, folder, runs) for name, command in _COMMANDS.items()}
    seconds = interleaved(plain, rounds=9 if quick else 41, title="startup")
    configured = (*_COMMAND, "-c", str(EXAMPLE_CONFIG))
    transformed = {_TRANSFORMED: _action(_TRANSFORMED, configured, folder, runs)}
    seconds |= interleaved(transformed, rounds=3 if quick else 11, title="startup, transform")
    modules, notes = _imported(folder)
    return [
        ratio_of_medians(f"{_CLIENT} ÷ {_FLOOR}", seconds[_CLIENT], seconds[_FLOOR], at_most=2.5),
        difference(f"{_IMPORT}, less {_EMPTY}", seconds[_IMPORT], seconds[_EMPTY], at_most=0.25),
        _peak(_CLIENT, runs, at_most=100.0),
        *modules,
        *(median(name, values, unit="s") for name, values in seconds.items()),
        _peak(_FLOOR, runs),
        _peak(_TRANSFORMED, runs),
    ], notes


def _action(
    name: str, command: tuple[str, ...], folder: Path, runs: dict[str, list[Run]]
) -> Callable[[], float]:
    def run() -> float:
        done = run_python(*command, folder=folder)
        runs.setdefault(name, []).append(done)
        return done.seconds

    return run


def _peak(name: str, runs: dict[str, list[Run]], *, at_most: float | None = None) -> Figure:
    # The first run, which warms up, also compiled what it imported.
    peaks = np.array([run.peak_bytes for run in runs[name][1:]], np.float64)
    return Figure(
        name=f"peak resident memory of {name}",
        value=float(peaks.max()) / 1e6,
        unit="MB",
        at_most=at_most,
    )


def _imported(folder: Path) -> tuple[list[Figure], list[str]]:
    lines = run_python("-c", _MODULES_CODE, folder=folder).output.split("\n")
    moments = ("import image_sequence", "a default picture made and saved")
    figures = [
        Figure(name=f"heavy libraries loaded after {moment}", value=len(line.split()), at_most=0)
        for moment, line in zip(moments, lines, strict=True)
    ]
    found = ", ".join(sorted({*" ".join(lines).split()})) or "none"
    return figures, [f"Heavy libraries looked for: {', '.join(_HEAVY)}; found: {found}."]
