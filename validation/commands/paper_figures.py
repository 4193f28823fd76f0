"""``qbval paper figures``: data, spot checks, pictures and the page of Figs. 2-15.

May import: everything.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

import qbnum
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    WORKER_DIED,
    bad_input,
    errors,
    out,
    print_json,
    progress,
)
from validation.errors import PrecisionNotReachedError, UnknownNameError
from validation.files import write_atomically
from validation.paper.figures import spot_checks as checks
from validation.paper.figures.data import figure_data, panels, select
from validation.paper.figures.drawing import draw_figure, pictures, sheet
from validation.paper.figures.files import stem, write_data
from validation.paper.figures.page import page
from validation.plotting import FORMATS
from validation.pool import WorkerDiedError, finished
from validation.versions import versions

if TYPE_CHECKING:
    import xarray as xr

    from validation.paper.figures.data import Panel

__all__ = ["run"]

FEW = 12
"""Pieces of work below which starting processes costs more than it saves."""

FAILURES_SHOWN = 10

VECTOR = ".svg"
"""What the page holds, whatever else is written."""

RASTER = ".png"
"""What the sheet of all figures is made from."""


@dataclass(frozen=True)
class Made:
    """What one run computed."""

    data: Mapping[str, xr.Dataset]
    judged: Sequence[checks.Judgement]
    drawings: Mapping[str, Mapping[str, bytes]]


def run(
    output: Path,
    only: Sequence[str],
    form: Sequence[str],
    points: int,
    check: bool,
    as_json: bool = False,
) -> int:
    """Compute, check, draw and write the figures, print the summary, return the exit code.

    Parameters
    ----------
    output : path
        The directory; created if need be.
    only : sequence of str
        Figures and panels; all if empty.
    form : sequence of str
        Of ``png``, ``svg``, ``pdf``; all three if empty.
    points : int
        Along each curve.
    check : bool
        Whether points are held against the reference.
    as_json : bool
        One JSON object instead of the table.
    """
    clock = time.perf_counter()
    try:
        chosen = select(list(only))
    except UnknownNameError as error:
        bad_input(f"--only: {error}.")
    suffixes = _suffixes(form)
    try:
        for directory in (output, output / "data", output / "pictures"):
            directory.mkdir(parents=True, exist_ok=True)
        made = _make(chosen, suffixes, points, check)
        files = _write(output, chosen, made, suffixes)
    except KeyboardInterrupt:
        errors().print(
            f"Interrupted: files of an earlier run in {output} are as they were, or replaced whole;"
            " the same command makes all of them.",
            soft_wrap=True,
        )
        return INTERRUPTED
    except WorkerDiedError as error:
        errors().print(f"{error}.", soft_wrap=True, markup=False)
        return WORKER_DIED
    except (qbnum.QbnumError, PrecisionNotReachedError) as error:
        errors().print(f"A layer refuses: {error}", soft_wrap=True)
        return DISAGREED
    except OSError as error:
        bad_input(f"--output: {error.filename or output}: {error.strerror or error}.")
    if as_json:
        print_json(_as_data(output, chosen, made, files))
    else:
        _print(output, chosen, made, files, time.perf_counter() - clock)
    return AGREED if all(row.agreed for row in made.judged) else DISAGREED


def _as_data(
    output: Path, chosen: Sequence[Panel], made: Made, files: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    figures = {}
    for number, shown in _by_figure(chosen).items():
        rows = _rows(made, shown)
        figures[str(number)] = {
            "panels": [panel.id for panel in shown],
            "checks": len(rows),
            "worst_error": max(row.error for row in rows) if rows else None,
            "files": list(files[str(number)]),
        }
    disagreements = [
        {
            "panel": row.spot.panel,
            "curve": row.spot.curve,
            "x": row.spot.x,
            "observable": row.spot.observable,
            "value": row.spot.value,
            "reference": row.reference,
            "error": row.error,
        }
        for row in made.judged
        if not row.agreed
    ]
    return {
        "schema": "qbval-figures",
        "schema_version": 1,
        "directory": str(output),
        "page": "index.html",
        "overview": list(files["overview"]),
        "figures": figures,
        "checks": len(made.judged),
        "tolerance": checks.TOLERANCE,
        "disagreements": disagreements,
        "versions": versions(),
    }


def _rows(made: Made, shown: Sequence[Panel]) -> list[checks.Judgement]:
    """Return the spot checks of some panels."""
    names = {panel.id for panel in shown}
    return [row for row in made.judged if row.spot.panel in names]


def _suffixes(form: Sequence[str]) -> tuple[str, ...]:
    known = {suffix.lstrip("."): suffix for suffix in FORMATS}
    unknown = [name for name in form if name.lower() not in known]
    if unknown:
        bad_input(f"--format {unknown[0]!r} is not a format; there are {', '.join(known)}.")
    return tuple(known[name] for name in known if not form or name in map(str.lower, form))


def _make(chosen: Sequence[Panel], suffixes: Sequence[str], points: int, check: bool) -> Made:
    """Compute everything; what takes long is spread over processes."""
    figures = _by_figure(chosen)
    with progress("computing", len(chosen)) as advance:
        data = {}
        for shown in chosen:
            data[shown.id] = figure_data(shown.id, points)
            advance()
    spots = [spot for name, found in data.items() for spot in checks.plan(name, found)]
    wanted = checks.wanted(spots) if check else {}
    kinds = tuple(dict.fromkeys((*suffixes, VECTOR)))
    work = len(wanted) + len(figures)
    workers = 1 if work < FEW else os.cpu_count() or 1
    calls: dict[Any, Callable[[], Any]] = {}
    for number, group in figures.items():
        part = {panel.id: data[panel.id] for panel in group}
        calls[str(number)] = partial(_figure, group, part, kinds)
    for junction, names in wanted.items():
        calls[junction] = partial(checks.certified, junction, names)
    done = {}
    with progress("drawing and checking", work) as advance:
        for key, result in finished(calls, workers):
            done[key] = result
            advance()
    judged = checks.judge(spots, {j: done[j] for j in wanted}) if check else ()
    if check:
        data = {name: checks.attach(found, name, judged) for name, found in data.items()}
    return Made(data, judged, {key: value for key, value in done.items() if isinstance(key, str)})


def _figure(
    shown: Sequence[Panel], data: Mapping[str, xr.Dataset], suffixes: Sequence[str]
) -> dict[str, bytes]:
    return pictures(draw_figure(shown, data), suffixes)


def _by_figure(chosen: Iterable[Panel]) -> dict[int, list[Panel]]:
    figures: dict[int, list[Panel]] = {}
    for shown in chosen:
        figures.setdefault(shown.figure, []).append(shown)
    return figures


def _write(
    output: Path, chosen: Sequence[Panel], made: Made, suffixes: Sequence[str]
) -> dict[str, list[str]]:
    """Write everything; return each figure's files and the sheet's, relative to the page."""
    data: dict[str, list[str]] = {}
    for shown in chosen:
        written = write_data(made.data[shown.id], output / "data", shown.id)
        data[shown.id] = [path.relative_to(output).as_posix() for path in written]
    drawn: dict[str, list[str]] = {}
    for name, contents in made.drawings.items():
        for suffix, content in contents.items():
            if suffix in suffixes:
                write_atomically(output / "pictures" / f"{stem(name)}{suffix}", content)
                drawn.setdefault(name, []).append(f"pictures/{stem(name)}{suffix}")
    overview = []
    if len(chosen) == len(panels()) and RASTER in suffixes:
        content = sheet({int(name): contents[RASTER] for name, contents in made.drawings.items()})
        write_atomically(output / "pictures" / "overview.png", content)
        overview = ["pictures/overview.png"]
    vectors = {int(name): contents[VECTOR] for name, contents in made.drawings.items()}
    write_atomically(output / "index.html", page(chosen, made.data, vectors, data, drawn, overview))
    files = {"overview": overview}
    for number, group in _by_figure(chosen).items():
        of_panels = [name for panel in group for name in data[panel.id]]
        files[str(number)] = of_panels + drawn.get(str(number), [])
    return files


def _print(
    output: Path, chosen: Sequence[Panel], made: Made, files: Mapping[str, Sequence[str]],
    seconds: float,
) -> None:  # fmt: skip
    console = out()
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("figure", no_wrap=True)
    table.add_column("panels", no_wrap=True)
    for header in ("curves", "points", "checks", "worst error", "digits", "files"):
        table.add_column(header, justify="right")
    for number, shown in _by_figure(chosen).items():
        rows = _rows(made, shown)
        lines = sum(len(panel.curves) * len(panel.observables) for panel in shown)
        length = made.data[shown[0].id].sizes[shown[0].x]
        table.add_row(
            str(number),
            ", ".join(panel.id for panel in shown),
            str(lines),
            str(lines * length),
            str(len(rows)) if rows else "none",
            *_worst(rows),
            str(len(files[str(number)])),
        )
    console.print(table)
    failures = [row for row in made.judged if not row.agreed]
    for row in failures[:FAILURES_SHOWN]:
        console.print(f"[bold red]{_failure(row)}[/]", soft_wrap=True)
    if len(failures) > FAILURES_SHOWN:
        console.print(f"... and {len(failures) - FAILURES_SHOWN} more.")
    if made.judged:
        verdict = (
            f"[bold red]{len(failures)} disagree[/]" if failures
            else f"all agree within {checks.TOLERANCE:.0e} and within their own error estimates"
        )  # fmt: skip
        console.print(
            f"{len(made.judged)} values held against the certified reference: {verdict}.",
            soft_wrap=True,
        )
    else:
        console.print("Nothing was held against the reference (--no-check).")
    count = sum(map(len, files.values())) + 1
    console.print(f"{count} files in {seconds:.0f} s; the page: {output / 'index.html'}",
                  soft_wrap=True)  # fmt: skip


def _worst(rows: Sequence[checks.Judgement]) -> tuple[str, str]:
    if not rows:
        return "", ""
    worst = max(row.error for row in rows)
    style = "" if all(row.agreed for row in rows) else "bold red"
    digits = "equal" if worst == 0 else f"{max(0.0, -math.log10(worst)):.1f}"
    texts = (f"{worst:.0e}", digits)
    return tuple(f"[{style}]{text}[/]" if style else text for text in texts)  # type: ignore[return-value]


def _failure(row: checks.Judgement) -> str:
    spot = row.spot
    shown = next(panel for panel in panels() if panel.id == spot.panel)
    what = f"relative error {row.error:.1e}"
    if row.error <= checks.TOLERANCE:
        what += f", more than its own estimate {spot.estimate:.1e} (absolute)"
    return (
        f"Fig. {spot.panel}, curve {shown.curves[spot.curve].label}, {shown.x} = {spot.x:g}: "
        f"{spot.observable} = {spot.value!r}, the reference {row.reference!r}; {what}."
    )
