"""``qbval sweep``: observables over a grid, into a file, a table and a picture.

May import: everything.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import qbnum
from qbnum._checks import require_memory
from qbnum.sweeps import AXES, STATUS, grid_size, partial_path, sweep, sweep_to_file
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    WORKER_DIED,
    bad_input,
    check_output,
    errors,
    number,
    out,
    print_json,
)
from validation.commands.sweep_axes import protocol_axes
from validation.commands.sweep_picture import draw, unit_of
from validation.plotting import FORMATS
from validation.versions import versions

if TYPE_CHECKING:
    import xarray as xr

    from validation.cli_options import JunctionTexts

__all__ = ["run"]

MANY = 20_000
"""Points from which several processes pay for their start."""

FILES = (".nc", ".zarr", ".csv")

POSITIONS = ("below", "between", "above")


def run(
    parameters: JunctionTexts,
    *,
    zips: Sequence[str],
    observables: str | None,
    bound_state: str,
    on_error: str,
    output: Path | None,
    overwrite: bool,
    plot: bool,
    picture: Path | None,
    processes: int | None,
    block: int,
    as_json: bool,
) -> int:
    """Compute the sweep, write what was asked for, print the summary, return the exit code.

    Parameters
    ----------
    parameters : JunctionTexts
        In the order of the dimensions.
    zips : sequence of str
        Groups of options that vary together.
    observables : str or None
        Names separated by commas.
    bound_state, on_error : str
        Policies, as the library's; occupations are N, or POSITION=N separated by commas.
    output : path or None
        The file of values.
    overwrite : bool
        Replace a finished file of another sweep.
    plot, picture
        Draw, and where if not beside the output.
    processes : int or None
        None: as many as pay.
    block : int
        Points computed together.
    as_json : bool
        One JSON object instead of a table.
    """
    base, axes = protocol_axes(parameters, zips)
    names = _observables(observables)
    target = _picture_path(plot, picture, output)
    check_output("--out", output, FILES, directory=output is not None and output.suffix == ".zarr")
    try:
        junction = qbnum.Junction.symmetric(**base)
        size = grid_size(junction, axes)
        # The values and their error estimates, which the summary looks through.
        require_memory(
            size,
            16 * len(names or qbnum.OBSERVABLES),
            "give fewer points or fewer --observables",
        )
    except qbnum.ParameterError as error:
        bad_input(_in_options(error))
    dims = {dim: None for value in axes.values() if isinstance(value, tuple) for dim in value[:1]}
    if target is not None and not 1 <= len(dims) <= 2:
        bad_input(
            f"a picture needs one or two axes, and there are {len(dims)}; leave out --plot, or "
            "give fewer options more than one value."
        )
    settings: dict[str, Any] = {
        "observables": names,
        "bound_states": _policy(bound_state),
        "on_error": on_error,
        "workers": processes or (1 if size < MANY else os.cpu_count() or 1),
    }
    shown = _Shown(names, target)
    clock = time.perf_counter()
    kept = [0, 0]
    try:
        with _progress(kept) as progress:
            if output is None:
                dataset = sweep(junction, axes, progress=progress, **settings)
                seconds = time.perf_counter() - clock
                shown(dataset)
            else:
                settings |= {"block": block, "overwrite": overwrite, "then": shown}
                sweep_to_file(junction, output, axes, progress=progress, **settings)
                seconds = (shown.began or time.perf_counter()) - clock
    except KeyboardInterrupt:
        errors().print(_how_to_go_on("Interrupted", output, kept), soft_wrap=True)
        return INTERRUPTED
    except qbnum.WorkerDiedError:
        reason = "A worker process died (out of memory?)"
        errors().print(_how_to_go_on(reason, output, kept), soft_wrap=True)
        return WORKER_DIED
    except qbnum.BoundStateError:
        bad_input(
            "some junctions have a bound state, whose occupation the steady state does not fix; "
            "give --bound-state mask, exclude, or its occupation."
        )
    except qbnum.ConvergenceError as error:
        errors().print(
            f"qbnum refuses: {error}; --on-error mask leaves these points out.", soft_wrap=True
        )
        return DISAGREED
    except qbnum.QbnumError as error:
        bad_input(_in_options(error))
    except OSError as error:
        bad_input(f"--out: {error.filename or output}: {error.strerror or error}.")
    if as_json:
        print_json(_as_data(shown, kept, output, target))
    else:
        _print(shown, seconds, kept, output, target)
    return DISAGREED if shown.counts["not_resolved"] else AGREED


def _print(
    shown: _Shown, seconds: float, kept: list[int], output: Path | None, target: Path | None
) -> None:
    console = out()
    console.print(_table(shown))
    computed = kept[1] - kept[0]
    counts = shown.counts
    parts = [f"{sum(counts.values())} points"]
    if counts["bound_state_occupation_not_fixed"]:
        parts.append(f"{counts['bound_state_occupation_not_fixed']} with an unoccupied bound state")
    if counts["not_resolved"]:
        parts.append(f"[bold red]{counts['not_resolved']} not resolved[/]")
    if computed:
        parts.append(f"{computed} computed in {seconds:.1f} s ({computed / seconds:.0f} points/s)")
    else:
        parts.append("the file was complete, nothing was computed")
    console.print(", ".join(parts) + ".", soft_wrap=True)
    for label, path in (("Values", output), ("Picture", target)):
        if path is not None:
            console.print(f"{label}: {path}", soft_wrap=True)


def _as_data(
    shown: _Shown, kept: list[int], output: Path | None, target: Path | None
) -> dict[str, Any]:
    return {
        "schema": "qbval-sweep",
        "schema_version": 1,
        "sizes": shown.sizes,
        "fixed": shown.fixed,
        "points": sum(shown.counts.values()),
        "computed": kept[1] - kept[0],
        "statuses": shown.counts,
        "observables": shown.extremes,
        "values": None if output is None else str(output),
        "picture": None if target is None else str(target),
        "versions": versions(),
    }


class _Shown:
    """What is to be seen of the result, taken while its arrays are at hand."""

    def __init__(self, names: Sequence[str] | None, target: Path | None) -> None:
        self._names = tuple(names or qbnum.OBSERVABLES)
        self._drawn = names
        self._target = target
        self.began: float | None = None

    def __call__(self, dataset: xr.Dataset) -> None:
        self.began = time.perf_counter()
        status = dataset["status"].values
        self.counts = {name: int(np.sum(status == value)) for name, value in STATUS.items()}
        dims = dataset[self._names[0]].dims
        self.sizes = {str(dim): int(dataset.sizes[dim]) for dim in dims}
        self.fixed = {name: float(v) for name, v in dataset.attrs.items() if name in AXES}
        self.extremes = {name: _extremes(dataset, name) for name in self._names}
        if self._target is not None:
            draw(dataset, self._drawn, self._target)


def _extremes(dataset: xr.Dataset, name: str) -> dict[str, Any]:
    """Return an observable's extremes, where they are, and the worst error estimate."""
    value, error = dataset[name].values, dataset[f"{name}_error"].values
    found: dict[str, Any] = {"unit": qbnum.OBSERVABLES[name].unit}
    if np.all(np.isnan(value)):
        return found | {"least": None, "greatest": None, "worst_error_estimate": None}
    for label, k in (("least", np.nanargmin(value)), ("greatest", np.nanargmax(value))):
        index = np.unravel_index(int(k), value.shape)
        at = zip(dataset[name].dims, index, strict=True)
        found[label] = {
            "value": float(value.flat[int(k)]),
            "at": {str(dim): float(dataset[dim].values[i]) for dim, i in at},
        }
    return found | {"worst_error_estimate": float(np.nanmax(error))}


def _table(shown: _Shown) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    at = f"at {', '.join(shown.sizes)}" if shown.sizes else ""
    for header in ("observable", "unit", "least", at, "greatest", at, "worst +-"):
        number = header in ("least", "greatest", "worst +-")
        table.add_column(header, justify="right" if number else "left", no_wrap=header != at)
    for name, found in shown.extremes.items():
        unit = unit_of(name)
        if found["least"] is None:
            table.add_row(name, unit, "undefined", "", "undefined", "", "")
            continue
        cells = []
        for extreme in (found["least"], found["greatest"]):
            where = ", ".join(f"{value:.4g}" for value in extreme["at"].values())
            cells += [f"{extreme['value']:.6g}", where]
        table.add_row(name, unit, *cells, f"{found['worst_error_estimate']:.0e}")
    return table


@contextmanager
def _progress(kept: list[int]) -> Iterator[Any]:
    """Show the points done on stderr, if it is a terminal; ``kept`` gets the first and the last."""
    console = errors()
    with Progress(
        TextColumn("sweeping"), BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} points"), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        handle = bar.add_task("sweep", total=1)
        calls: list[int] = []

        def report(done: int, total: int) -> None:
            calls.append(done)
            kept[:] = calls[0], done
            bar.update(handle, completed=done, total=total)

        yield report


def _how_to_go_on(reason: str, output: Path | None, kept: Sequence[int]) -> str:
    if output is None:
        return f"{reason}: nothing was written. With --out FILE a sweep can be gone on with."
    return (
        f"{reason}: {kept[1]} points are kept in {partial_path(output)}; the same command goes on "
        "from there."
    )


def _observables(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(part.strip().replace("-", "_") for part in text.split(","))
    unknown = [name for name in names if name not in qbnum.OBSERVABLES]
    if unknown:
        bad_input(f"--observables: {unknown[0]!r} is none; give {', '.join(qbnum.OBSERVABLES)}.")
    return names


def _policy(text: str) -> Any:
    if text in ("mask", "exclude", "error"):
        return text
    if "=" not in text:
        return number("--bound-state", text, "probability")
    found = {}
    for part in text.split(","):
        position, _, value = part.partition("=")
        if position.strip() not in POSITIONS:
            bad_input(
                f"--bound-state = {text!r}: {position!r} is no position; give below, between or "
                "above (the bands), e.g. below=0.9,above=0.1."
            )
        found[position.strip()] = number("--bound-state", value, "probability")
    return found


def _picture_path(plot: bool, picture: Path | None, output: Path | None) -> Path | None:
    if picture is None and not plot:
        return None
    path = picture or (output.with_suffix(".png") if output is not None else Path("sweep.png"))
    check_output("--picture", path, FORMATS)
    return path


def _in_options(error: Exception) -> str:
    """Return a message of the library in the words of the command line."""
    text = str(error).replace("overwrite=True", "--overwrite")
    return text if text.endswith(".") else text + "."
