"""Fresh Python processes, timed from the outside."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import image_sequence

_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True)
class Run:
    """What a process did.

    Attributes:
        seconds: wall time, from its start to its end.
        peak_bytes: the most memory it had resident.
        output: what it printed.
    """

    seconds: float
    peak_bytes: int
    output: str


def run_python(*arguments: str, folder: Path) -> Run:
    """Run `python ARGUMENTS` in a folder, with the same image_sequence as here, and wait for it.

    The first run in a folder leaves bytecode there, which later ones find.

    Raises:
        RuntimeError: it failed; the message holds what it said.
    """
    command = [sys.executable, "-I", "-S", str(_LAUNCHER), sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603  # the command is this Python and our own arguments
        command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"python {' '.join(arguments)} failed:\n{done.stderr}")
    output, _, measured = done.stdout.rstrip("\n").rpartition("\n")
    seconds, peak_bytes = measured.split()
    return Run(float(seconds), int(peak_bytes), output)


def _environment(folder: Path) -> dict[str, str]:
    """Variables with which a child finds this process's image_sequence, and no other."""
    environment = {
        **os.environ,
        # Without its own folder on the path, client_script.py takes the package that is measured.
        "PYTHONSAFEPATH": "1",
        # An installed package is compiled. So are ours, by the run that warms up, whatever the
        # settings, and nothing is written beside the sources.
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    home = str(Path(image_sequence.__file__).parent.parent)
    if home not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        inherited = os.environ.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{home}{os.pathsep}{inherited}" if inherited else home
    return environment
