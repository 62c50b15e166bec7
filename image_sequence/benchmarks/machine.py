"""What was measured on: figures mean little without it."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import image_sequence
from image_sequence.benchmarks.figures import table

_LIBRARIES = "NumPy Pillow numba imgaug"
_CPU_INFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """The processor and the versions of everything that has a say in the figures."""
    return {
        "CPU": f"{_cpu_model()}, {_core_count()} cores",
        "System": platform.platform(terse=True),
        "Python": platform.python_version(),
        "image-sequence": image_sequence.__version__,
        **{name: _version(name) for name in _LIBRARIES.split()},
        "OpenCV": _version("opencv-python", "opencv-python-headless"),
    }


def described(machine: Mapping[str, str]) -> str:
    """The same as a Markdown table."""
    return table(("measured on", ""), list(machine.items()))


def _cpu_model() -> str:
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _core_count() -> int:
    # Where there is an affinity, it says how many of the machine's cores this process may use.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(*distributions: str) -> str:
    for distribution in distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "not installed"
