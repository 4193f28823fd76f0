"""Points per second of a sweep: one process, several, threads, Dask; and what 10^9 points take.

Run: python benchmarks/sweep_scaling.py [--points N] [--workers N]

The paper's map, level by bias, all observables with their errors. Without --points there are as
many as keep one process busy for ten seconds. Starting processes is timed apart, since a long
sweep does it once; times are the better of two. Each row's numbers are held against the first
one's, bit for bit. The estimate takes the rate and efficiency of this run, and the bytes of the
Zarr store that it writes.
"""

# ruff: noqa: E402 - the threads' number is set before NumPy is imported.

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# One thread each: what is measured are the workers.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

import qbnum
from qbnum.sweeps import sweep

BASE = qbnum.Junction.symmetric(level=0.4)
SECONDS = 10.0
REPEATS = 2
PILOT = 2000
BILLION = 10**9
CORES = (2, 128, 1024)
CHUNK_SECONDS = 60.0
"""A task this long makes the scheduler's milliseconds vanish, and little is lost with a worker."""
CHUNK_BYTES = 1e9
"""What a chunk of all variables may take of a worker's memory."""


@dataclass(frozen=True)
class Row:
    """One way to compute the sweep."""

    name: str
    workers: int
    start: float
    seconds: float
    identical: bool


def grid(points: int) -> dict[str, Any]:
    """Return the axes of about so many points, twice as many levels as biases."""
    biases = max(1, round(math.sqrt(points / 2)))
    return {
        "level": np.linspace(-0.5, 1.5, round(points / biases)),
        "bias": np.linspace(0, 1, biases),
    }


def timed(action: Callable[[], xr.Dataset]) -> tuple[float, xr.Dataset]:
    """Return the seconds that an action takes, and its result."""
    clock = time.perf_counter()
    result = action()
    return time.perf_counter() - clock, result


def measure(axes: dict[str, Any], workers: int) -> list[Row]:
    """Compute the sweep in every way."""
    rows: list[Row] = []
    first: list[xr.Dataset] = []

    def add(name: str, count: int, start: float, action: Callable[[], xr.Dataset]) -> None:
        seconds, found = min((timed(action) for _ in range(REPEATS)), key=lambda pair: pair[0])
        first.append(found)
        rows.append(Row(name, count, start, seconds, found.equals(first[0])))

    add("one process", 1, 0.0, lambda: sweep(BASE, axes))

    clock = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        # As many short tasks as it takes for every process to be up and to have imported qbnum.
        list(pool.map(_wake, range(4 * workers)))
        start = time.perf_counter() - clock
        add(f"{workers} processes", workers, start,
            lambda: sweep(BASE, axes, executor=pool, workers=workers))  # fmt: skip

    with ThreadPoolExecutor(workers) as threads:
        add(f"{workers} threads", workers, 0.0,
            lambda: sweep(BASE, axes, executor=threads, workers=workers))  # fmt: skip

    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        return rows
    # A worker's default is to give memory back at once, and so to ask for it again for every
    # temporary array: this costs a third of the time.
    dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**27})
    chunk = {"level": max(1, len(axes["level"]) // (8 * workers)), "bias": len(axes["bias"])}
    lazy = sweep(BASE, axes, chunks=chunk)
    add(f"Dask, {workers} threads", workers, 0.0,
        lambda: lazy.compute(scheduler="threads", num_workers=workers))  # fmt: skip
    clock = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as scratch,
        LocalCluster(
            n_workers=workers, processes=True, threads_per_worker=1, dashboard_address=None,
            local_directory=scratch, silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        client.run(_wake, 0)
        sweep(BASE, grid(100), chunks=25).compute()
        start = time.perf_counter() - clock
        add(f"Dask, {workers} worker processes", workers, start, lambda: lazy.compute())
    return rows


def _wake(_: int) -> float:
    state = qbnum.steady_state(BASE)
    time.sleep(0.05)
    return float(state.exergy)


def bytes_a_point(axes: dict[str, Any]) -> float | None:
    """Return what a point takes in a Zarr store, compressed as by default."""
    try:
        import zarr  # noqa: F401
    except ImportError:
        return None
    data = sweep(BASE, axes)
    with tempfile.TemporaryDirectory() as scratch:
        data.to_zarr(Path(scratch) / "sample.zarr", consolidated=False)
        total = sum(f.stat().st_size for f in Path(scratch).rglob("*") if f.is_file())
    return total / data["status"].size


def scaling_table(rows: list[Row], points: int) -> Table:
    """Return the measured rates."""
    table = Table(title=f"Sweep of {points} points, all observables with errors")
    table.add_column("computed by")
    for header in ("start [s]", "time [s]", "points/s", "speed-up", "efficiency"):
        table.add_column(header, justify="right")
    table.add_column("same bits")
    for row in rows:
        gain = rows[0].seconds / row.seconds
        table.add_row(
            row.name, f"{row.start:.1f}", f"{row.seconds:.1f}", f"{points / row.seconds:.0f}",
            f"{gain:.2f}", f"{gain / row.workers:.0%}", "yes" if row.identical else "NO",
        )  # fmt: skip
    return table


def estimate(console: Console, rows: list[Row], points: int, stored: float | None) -> None:
    """Print what 10^9 points take on a cluster of such cores."""
    rate = points / rows[0].seconds
    clustered = [row for row in rows if "worker processes" in row.name] or rows[1:2]
    efficiency = rows[0].seconds / clustered[0].seconds / clustered[0].workers
    variables = 2 * len(qbnum.OBSERVABLES) + 2
    raw = 8 * (variables - 1) + 1
    chunk = int(min(CHUNK_SECONDS * rate, CHUNK_BYTES / (8 * variables), BILLION))
    chunks = -(-BILLION // chunk)
    table = Table(title="10^9 points, on paper")
    table.add_column("cores", justify="right")
    table.add_column("time", justify="right")
    for cores in CORES:
        # Whole rounds: the last one may leave cores idle.
        rounds = -(-chunks // cores)
        table.add_row(str(cores), _duration(rounds * chunk / (rate * min(efficiency, 1.0))))
    console.print(table)
    one = (8 * 3 + 1) * BILLION / 1e9
    console.print(
        f"From {rate:.0f} points/s a core and the efficiency of {efficiency:.0%} measured above "
        f"({clustered[0].name}).\n"
        f"Chunks of {chunk} points ({chunk / rate:.0f} s and {chunk * 8 * variables / 1e6:.0f} MB "
        f"each): {chunks} chunks, {chunks * (variables + 3)} tasks for the scheduler.\n"
        f"On disk {raw} bytes a point, {raw * BILLION / 1e9:.0f} GB for all {variables} variables"
        + (f"; compressed {stored:.0f} bytes, {stored * BILLION / 1e9:.0f} GB" if stored else "")
        + f"; {one:.0f} GB for one observable with its error, weight and status."
    )


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, help="about so many (default: ten seconds' worth)")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    given = parser.parse_args()
    sweep(BASE, grid(100))  # what is built once, at the first call
    if given.points is None:
        seconds, pilot = timed(lambda: sweep(BASE, grid(PILOT)))
        given.points = int(SECONDS * pilot["status"].size / seconds)
    axes = grid(given.points)
    points = math.prod(len(values) for values in axes.values())
    console = Console(width=110)
    rows = measure(axes, given.workers)
    console.print(scaling_table(rows, points))
    estimate(console, rows, points, bytes_a_point(grid(min(points, 200_000))))


if __name__ == "__main__":
    main()
