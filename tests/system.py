"""The system's own programs, as tests use them."""

import subprocess


def output_of(*command: str) -> str:
    """What a program prints; nothing if it fails."""
    return subprocess.run(  # noqa: S603  # ps, mount and the like
        command, check=False, capture_output=True, text=True
    ).stdout


def succeeds(*command: str) -> bool:
    """Whether a program says that it did what it was told."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603  # as above


def processes(*selection: str) -> dict[int, str]:
    """The command lines of processes, by their numbers; `selection` as ps takes it."""
    lines = output_of("ps", *selection, "-o", "pid=,args=").splitlines()
    return {int(line.split()[0]): line for line in lines}
