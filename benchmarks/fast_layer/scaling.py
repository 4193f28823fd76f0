"""Time and memory from 10^3 points up, each size in a process of its own.

Run by itself, ``python -m benchmarks.fast_layer.scaling ENGINE POINTS`` prints one measurement as
JSON. Memory is the growth of the process's largest resident size (VmHWM where there is /proc,
ru_maxrss elsewhere) from before the call, when the input exists and a small call has loaded all
that is loaded once. May import: numpy, qbnum, benchmarks.fast_layer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import qbnum

from .engines import Engine
from .regimes import PAPER
from .timing import best

__all__ = ["SIZES", "SIZES_QUICK", "Scaled", "scale"]

SIZES, SIZES_QUICK = (1_000, 10_000, 100_000, 1_000_000), (1_000, 10_000)
WARM_UP = 1_000
REPEATS, BUDGET = 20, 2.0
"""Repeats, and the seconds within which they begin: many for small arrays, one for large ones."""

MIB = 2**20


@dataclass(frozen=True)
class Scaled:
    """One engine at one number of points.

    Attributes
    ----------
    seconds : float
        Of a point.
    growth, results : float
        MiB by which the largest resident size grew, and MiB of the arrays that are returned.
    """

    engine: str
    points: int
    seconds: float
    cores: float
    growth: float
    results: float

    @property
    def working(self) -> float:
        """MiB beyond the results: what must not grow with the number of points."""
        return max(self.growth - self.results, 0.0)


def scale(engine: Engine, sizes: tuple[int, ...]) -> Iterator[Scaled]:
    """Measure an engine at each size, one fresh process after the other, in this directory.

    Raises
    ------
    subprocess.CalledProcessError
        A measurement failed; its message is on stderr.
    """
    for points in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.fast_layer.scaling", engine.name, str(points)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        yield Scaled(**json.loads(done.stdout))


def _resident(what: str) -> float:
    """Return VmRSS or VmHWM in MiB; elsewhere than on Linux the largest size for both."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith(what))
        return int(line.split()[1]) * 1024 / MIB
    import resource

    # macOS counts bytes, the BSDs kilobytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def _bytes(state: qbnum.SteadyState) -> int:
    """Return the size of the arrays of a state, each memory block once."""
    blocks = {}
    for mapping in (
        {name: getattr(state, name) for name in state.available},
        state.error_estimate,
        state.absolute_integral,
        {"": state.bound_state_weight},
    ):
        for value in mapping.values():
            array = np.ma.getdata(value)
            block = array if array.base is None else array.base
            blocks[id(block)] = getattr(block, "nbytes", array.nbytes)
    return sum(blocks.values())


def main(name: str, points: int) -> None:
    """Print one measurement as JSON."""
    engine = Engine(name, "")  # without a look at the other one, which may compile
    junctions = PAPER[0].junctions(points)
    engine.solve(PAPER[0].junctions(WARM_UP))
    before = _resident("VmRSS")
    timed = best(lambda: engine.solve(junctions), REPEATS, BUDGET)
    growth, size = _resident("VmHWM") - before, _bytes(timed.result) / MIB
    measured = Scaled(name, points, timed.seconds / points, timed.cores, max(growth, 0.0), size)
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
