"""``qbval paper charging``: the battery as it charges, and the plateau beside the steady state.

May import: everything.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.table import Table

import qbnum
import validation
from validation.cli_options import domain_of, option_of
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    bad_input,
    check_output,
    errors,
    number,
    out,
    print_json,
    progress,
    write_file,
)
from validation.commands.paper_charging_picture import draw
from validation.errors import ParameterError, PrecisionNotReachedError, ValidationError
from validation.metrics import SIGN_CHANGING, compare
from validation.plotting import FORMATS
from validation.versions import versions
from validation.witness import (
    OBSERVABLES,
    VARIABLES,
    Plateau,
    charging,
    charging_times,
    half_time,
    plateau,
)
from validation.witness.evolution import blocks

if TYPE_CHECKING:
    import xarray as xr

    from validation.references import Reference

__all__ = ["run"]

DIGITS = 20
"""Digits asked of the reference."""

AGREEMENT = 1e-10
"""Judged error within which plateau and steady state agree; beyond it they still do within the
plateau's own error, which matters for currents far below their natural size."""

ROWS = 9
"""Times in the table."""

TABLE = {
    "N": "particle_number",
    "I_L": "charge_current_left",
    "I_R": "charge_current_right",
    "J_L": "energy_current_left",
    "σ": "entropy_production",
    "X_2": "two_state_exergy",
}
FILES = (".nc", ".csv")


def run(
    given: Mapping[str, str],
    initial: str,
    time: str | None,
    output: Path | None,
    picture: Path | None,
    as_json: bool,
) -> int:
    """Charge, print the table and the plateau, write what was asked for, return the exit code.

    Parameters
    ----------
    given : mapping of str to str
        Texts of `qbnum.Junction.symmetric`'s parameters.
    initial, time : str, str or None
        The level's first occupation, and the last time.
    output, picture : path or None
        Where values and picture go.
    as_json : bool
        One JSON object instead of tables.
    """
    values = {name: number(option_of(name), text, domain_of(name)) for name, text in given.items()}
    occupation = number("--initial", initial, "probability")
    end = None if time is None else number("--time", time, "positive")
    check_output("--out", output, FILES)
    check_output("--picture", picture, FORMATS)
    try:
        junction = qbnum.Junction.symmetric(**values)
    except qbnum.ParameterError as error:
        bad_input(f"{error}.")
    try:
        dataset, settled = _charged(junction, occupation, end)
        reference = validation.reference(
            junction,
            DIGITS,
            OBSERVABLES,
            bound_states=[state.occupation for state in settled.bound_states],
        )
    except PrecisionNotReachedError as error:
        errors().print(f"[bold red]No answer:[/] {error}.", soft_wrap=True)
        return DISAGREED
    except ParameterError as error:
        bad_input(f"{error}.")
    except ValidationError as error:
        errors().print(f"[bold red]No answer:[/] {error}.", soft_wrap=True)
        return DISAGREED
    except KeyboardInterrupt:
        errors().print("Interrupted: nothing was written.")
        return INTERRUPTED
    lines = [_line(name, settled, reference) for name in OBSERVABLES]
    agreed = all(line["agrees"] for line in lines)
    half = _half(dataset, settled)
    try:
        if output is not None:
            write_file("--out", output, _content(dataset, output.suffix))
        if picture is not None:
            draw(dataset, settled, picture)
    except OSError as error:
        bad_input(f"--picture {str(picture)!r} cannot be written: {error.strerror or error}.")
    if as_json:
        print_json(_as_data(dataset, settled, lines, half))
    else:
        _print(dataset, settled, lines, half)
        console = out()
        for label, path in (("Values", output), ("Picture", picture)):
            if path is not None:
                console.print(f"{label}: {path}", soft_wrap=True)
    return AGREED if agreed else DISAGREED


def _charged(
    junction: qbnum.Junction, initial: float, end: float | None
) -> tuple[xr.Dataset, Plateau]:
    """Return the transient and the plateau, with a bar that counts blocks of times."""
    times = charging_times(junction)
    if end is not None:
        times = times * (end / times[-1])
    with progress("charging", blocks(len(times)) + 1) as advance:
        dataset = charging(junction, initial, times, step=advance)
        advance("waiting for the plateau")
        settled = plateau(junction, initial)
    return dataset, settled


def _line(name: str, settled: Plateau, reference: Reference) -> dict[str, Any]:
    value, enclosure = getattr(settled, name), reference[name]
    found = compare(value, enclosure, sign_changing=name in SIGN_CHANGING)
    gap = abs(value - float(enclosure.mid))
    return {
        "name": name,
        "plateau": value,
        "estimate": settled.error_estimate[name],
        "steady_state": float(enclosure.mid),
        "digits": min(found.digits, 17.0),
        "agrees": found.judged <= AGREEMENT or gap <= settled.error_estimate[name],
    }


def _half(dataset: xr.Dataset, settled: Plateau) -> float | None:
    if abs(float(dataset["particle_number"][0]) - settled.particle_number) < AGREEMENT:
        return None
    try:
        return half_time(dataset, settled.particle_number)
    except ParameterError:
        return None


def _print(
    dataset: xr.Dataset, settled: Plateau, lines: list[dict[str, Any]], half: float | None
) -> None:
    console = out()
    console.print(_time_table(dataset))
    console.print(_plateau_table(lines))
    if half is not None:
        console.print(f"Half of the way to the plateau at t = {half:.6g}.")
    console.print(
        f"Chains of {settled.sites[0]} and {settled.sites[1]} sites; the plateau is the mean from "
        f"t = {settled.window[0]:.0f} to {settled.window[1]:.0f}, before their ends answer. "
        "hbar = e = k_B = 1."
    )
    for state in settled.bound_states:
        console.print(
            f"A bound state at {state.energy:.10g}, weight Z = {state.weight:.6g}, never forgets "
            f"how it began: its occupation stays {state.occupation:.6g} for a level that was "
            f"{settled.initial:g} occupied at first. N would be "
            f"{state.weight**2:.6g} (= Z²) larger for a full level than for an empty one."
        )
    for beat in settled.oscillations:
        console.print(
            f"The bound states beat for ever: N keeps ± {abs(beat.amplitude):.3g} at the frequency "
            f"{beat.frequency:.6g}; the plateau is the mean over it."
        )


def _time_table(dataset: xr.Dataset) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Charging in time", title_justify="left")
    for header in ("t", *TABLE):
        table.add_column(header, justify="right", no_wrap=True)
    time = dataset["time"].values
    for k in np.unique(np.linspace(0, len(time) - 1, ROWS).round().astype(int)):
        cells = (f"{float(dataset[name][k]) + 0.0:.4g}" for name in TABLE.values())
        table.add_row(f"{time[k]:.4g}", *cells)
    return table


def _plateau_table(lines: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Plateau and steady state", title_justify="left")
    table.add_column("observable", no_wrap=True)
    for header in ("plateau", "+-", "steady state", "digits"):
        table.add_column(header, justify="right", no_wrap=True)
    for line in lines:
        style = "green" if line["agrees"] else "bold red"
        table.add_row(
            line["name"],
            f"{line['plateau']:.12g}",
            f"{line['estimate']:.0e}",
            f"{line['steady_state']:.12g}",
            f"[{style}]{line['digits']:.1f}[/]",
        )
    return table


def _as_data(
    dataset: xr.Dataset, settled: Plateau, lines: list[dict[str, Any]], half: float | None
) -> dict[str, Any]:
    return {
        "schema": "qbval-charging",
        "schema_version": 1,
        "inputs": {name: _plain(value) for name, value in dataset.attrs.items()},
        "plateau": {line.pop("name"): line for line in [dict(line) for line in lines]},
        "window": list(settled.window),
        "sites": list(settled.sites),
        "half_time": half,
        "bound_states": [vars(state) for state in settled.bound_states],
        "oscillations": [vars(beat) for beat in settled.oscillations],
        "time": dataset["time"].values.tolist(),
        "values": {name: dataset[name].values.tolist() for name in VARIABLES},
        "units": {name: unit for name, (_, unit, _) in VARIABLES.items()},
        "versions": versions(),
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _content(dataset: xr.Dataset, suffix: str) -> str | bytes:
    """Return the content of a file of values."""
    if suffix == ".csv":
        text = io.StringIO()
        for name, value in dataset.attrs.items():
            text.write(f"# {name}: {_plain(value)!r}\n")
        writer = csv.writer(text, lineterminator="\n")
        names = ["time", *VARIABLES]
        writer.writerow(names)
        columns = [dataset[name].values.tolist() for name in names]
        writer.writerows([repr(value) for value in row] for row in zip(*columns, strict=True))
        return text.getvalue()
    content = io.BytesIO()
    dataset.to_netcdf(content, engine="h5netcdf")
    return content.getvalue()
