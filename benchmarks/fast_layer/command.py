"""The command: measures, prints tables, writes files. May import: rich, benchmarks.fast_layer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from validation.commands import console
from validation.files import write_atomically

from . import picture, profiling, record, tables
from .engines import LOGARITHMS, engines, node_seconds
from .goals import goals
from .measure import POINTS, POINTS_QUICK, RegimeResult, measure, steps
from .regimes import PAPER, QUICK, REGIMES
from .scaling import SIZES, SIZES_QUICK, Scaled, scale

__all__ = ["run"]

SHARED, PARALLEL = 0.9, 1.1
"""Below this share of a core a time is too long, something else ran; above it, it is not one
core's time."""

RECORD, PICTURES = "fast_layer.json", ("fast_layer.png", "fast_layer.svg")
WIDTH = 132
"""Columns of a pipe or file: the widest table unfolded."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit code: 0, or 2 for bad input.

    Whether a goal is met is a figure of the report and not of the exit code.
    """
    options = _options(arguments)
    chosen = QUICK if options.quick else REGIMES
    if options.regimes:
        known = {regime.name: regime for regime in REGIMES}
        unknown = [name for name in options.regimes if name not in known]
        if unknown:
            return _bad_input(f"no regime {', '.join(unknown)}; there are {', '.join(known)}.")
        wanted = {*options.regimes, *(regime.name for regime in PAPER)}
        chosen = tuple(regime for regime in REGIMES if regime.name in wanted)
    folder: Path | None = options.output
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return _bad_input(f"--output {folder}: {error.strerror}; give a directory.")
    about = record.machine()
    missing = {engine.name: engine.missing for engine in engines() if engine.missing}
    results = _measure(chosen, options.quick)
    scaled = _scale(SIZES_QUICK if options.quick else SIZES)
    points = POINTS_QUICK if options.quick else POINTS
    profiles = {
        engine.name: profiling.spent(engine, PAPER[0], points)
        for engine in engines()
        if options.profile and not engine.missing
    }
    found = goals(results, scaled, missing)
    out = console.out()
    if not out.is_terminal:
        out = Console(highlight=False, width=WIDTH)
    _print(out, results, scaled, about)
    for engine in engines():
        if engine.name in profiles:
            out.print(tables.profile_table(engine, profiles[engine.name], points))
    out.print(tables.goal_table(found))
    if folder is not None:
        data = record.record(results, scaled, found, profiles, about, quick=options.quick)
        write_atomically(folder / RECORD, record.to_json(data))
        for name in PICTURES:
            picture.draw(results, scaled, folder / name)
        out.print(f"Written: {', '.join(str(folder / n) for n in (RECORD, *PICTURES))}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fast_layer",
        description=(
            "Time and error of all observables by qbnum, beside quad, quad_vec, fixed grids and "
            "mpmath, on the paper's parameters and in hard corners; everything on one core and "
            "judged by the certified reference."
        ),
        epilog="Without --quick it takes some minutes. Nothing is written without --output.",
    )
    parser.add_argument("--quick", action="store_true", help="few regimes and points: seconds")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write JSON and pictures there")
    parser.add_argument("--profile", action="store_true", help="show where qbnum spends its time")
    parser.add_argument(
        "--regimes", nargs="+", metavar="NAME", help="these corners only, beside the paper's"
    )
    return parser.parse_args(arguments)


def _bad_input(message: str) -> int:
    sys.stderr.write(f"Error: {message}\n")
    return console.BAD_INPUT


def _measure(chosen: Sequence[Any], quick: bool) -> list[RegimeResult]:
    results = []
    with console.progress("regimes", len(chosen) * steps(quick)) as advance:
        for regime in chosen:
            results.append(measure(regime, quick, partial(advance, regime.name)))
    return results


def _scale(sizes: tuple[int, ...]) -> list[Scaled]:
    there = [engine for engine in engines() if not engine.missing]
    scaled = []
    with console.progress("scaling", len(there) * len(sizes)) as advance:
        for engine in there:
            for one in scale(engine, sizes):
                scaled.append(one)
                advance()
    return scaled


def _print(
    out: Console, results: Sequence[RegimeResult], scaled: Sequence[Scaled], about: dict[str, Any]
) -> None:
    versions = ", ".join(
        f"{name} {about[name]}" if about[name] else f"no {name}" for name in record.PACKAGES
    )
    out.print(
        f"{about['processor']}, one core, NumPy with {about['simd']}; "
        f"Python {about['python']}, {versions}"
    )
    out.print(tables.time_table(results))
    for engine in engines():
        if engine.missing:
            out.print(f"{engine.name}: {engine.missing}", markup=False)
    out.print(
        f"floor: nodes times the exp and log calls of one, {node_seconds() * 1e9:.1f} ns "
        f"({LOGARITHMS} of each)."
    )
    for one in results:
        for engine_name, message in one.refused.items():
            out.print(f"{engine_name} refused {one.regime.name}: {message}", markup=False)
    cores = [share for r in results for share in r.cores.values()]
    if min(cores) < SHARED:
        out.print(
            f"[yellow]The machine was not idle: a timing had {100 * min(cores):.0f} % of a core. "
            "Repeat it for figures to keep.[/]"
        )
    if max(cores) > PARALLEL:
        out.print(f"[yellow]A timing took {max(cores):.1f} cores, not one.[/]")
    out.print(tables.error_table(results))
    out.print(tables.ERROR_NOTE)
    for shown in (results[0], tables.hardest(results)):
        if shown is not None:
            out.print(tables.observable_table(shown))
    out.print(tables.scaling_table(scaled))
