"""``qbval evaluate``: one junction's observables from both layers, side by side.

May import: everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp
from rich import box
from rich.table import Table

import qbnum
import qbsym
import validation
from validation import metrics
from validation.cli_options import domain_of, option_of
from validation.commands.console import (
    AGREED,
    DISAGREED,
    bad_input,
    errors,
    number,
    out,
    print_json,
)
from validation.errors import BoundStateError, PrecisionNotReachedError, ValidationError
from validation.junctions import bound_energies, by_position
from validation.versions import versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from validation.enclosure import Enclosure

__all__ = ["evaluate"]

FIELDS = ("onsite", "hopping", "coupling", "mu", "temperature")
"""Of a lead."""

AGREEMENT = 1e-10
"""Judged error beyond which the two layers count as disagreeing, for the exit code."""

UNITS = {"1": "1", "energy": "energy", "energy^2": "energy²"}

BoundStates = str | float | tuple[float, ...]


def evaluate(
    protocol: Mapping[str, str],
    own: Mapping[str, str],
    bound_state: str,
    digits: int,
    as_json: bool,
) -> int:
    """Print one junction's observables and return the exit code.

    Parameters
    ----------
    protocol, own : mapping of str to str
        Texts of the protocol's parameters, and of those of one lead that override it.
    bound_state : str
        ``error``, ``exclude``, or occupations separated by commas.
    digits : int
        Digits asked of the reference, and shown.
    as_json : bool
        One JSON object instead of a table.
    """
    junction = _junction(protocol, own)
    policy = _policy(bound_state)
    energies = bound_energies(junction)
    if policy == "error" and energies:
        where = ", ".join(f"{e:.6g}" for e in energies.values())
        bad_input(
            f"this junction has {len(energies)} bound state(s), at {where}, whose occupation the "
            "steady state does not fix; give --bound-state exclude for the band part, or "
            "--bound-state N with the occupation N from 0 to 1 (N1,N2 in order of energy)."
        )
    try:
        state = qbnum.steady_state(junction, bound_states=by_position(junction, policy))
    except qbnum.ParameterError as error:
        bad_input(f"--bound-state: {error}.")
    except qbnum.ConvergenceError as error:
        errors().print(f"qbnum refuses: {error}", soft_wrap=True)
        return DISAGREED
    try:
        reference = validation.reference(junction, digits=digits, bound_states=policy)
    except PrecisionNotReachedError as error:
        errors().print(f"The reference refuses: {error}", soft_wrap=True)
        return DISAGREED
    except ValidationError as error:
        bad_input(f"{error}.")
    lines = {name: _line(name, state, reference) for name in qbnum.OBSERVABLES}
    if as_json:
        print_json(_as_data(junction, policy, digits, energies, lines))
    else:
        console = out()
        _print_header(console, junction, policy, energies)
        console.print(_table(lines, digits))
    compared = [line["judged"] for line in lines.values() if line["judged"] is not None]
    return AGREED if max(compared) <= AGREEMENT else DISAGREED


def _junction(protocol: Mapping[str, str], own: Mapping[str, str]) -> qbnum.Junction:
    """Return the paper's protocol with the leads' fields that were given in their place."""
    values = {
        name: number(option_of(name), text, domain_of(name)) for name, text in protocol.items()
    }
    if not 0 < values["temperature_eq"] + values["temperature_gradient"] < float("inf"):
        bad_input(
            f"--temperature-gradient = {protocol['temperature_gradient']!r} is outside its domain; "
            "temperature_eq + temperature_gradient is the left lead's temperature and must be > 0."
        )
    if abs(values["mu_eq"] + values["bias"]) == float("inf"):
        bad_input(f"--bias = {protocol['bias']!r} is outside its domain; mu_eq + bias overflows.")
    base = qbnum.Junction.symmetric(**values)
    sides = []
    for side in ("left", "right"):
        fields = {name: getattr(getattr(base, side), name) for name in FIELDS}
        for name in FIELDS:
            key = f"{side}_{name}"
            if key in own:
                fields[name] = number(option_of(key), own[key], domain_of(key))
        sides.append(qbnum.Lead(**fields))
    return qbnum.Junction(base.level, sides[0], sides[1], base.mu_eq, base.temperature_eq)


def _policy(text: str) -> BoundStates:
    if text in ("error", "exclude"):
        return text
    parts = [number("--bound-state", part.strip(), "probability") for part in text.split(",")]
    return parts[0] if len(parts) == 1 else tuple(parts)


def _line(name: str, state: qbnum.SteadyState, reference: Any) -> dict[str, Any]:
    """Return one observable from both layers; None stands for undefined."""
    try:
        value, enclosure = float(getattr(state, name)), reference[name]
    except (qbnum.BoundStateError, BoundStateError) as error:
        return {"value": None, "judged": None, "why": str(error)}
    found = metrics.compare(value, enclosure, sign_changing=name in metrics.SIGN_CHANGING)
    return {
        "value": value,
        "estimate": float(state.error_estimate[name]),
        "enclosure": enclosure,
        "comparison": found,
        "judged": found.judged,
    }


def _print_header(
    console: Console, junction: qbnum.Junction, policy: BoundStates, energies: Mapping[str, float]
) -> None:
    p = {name: float(value) for name, value in junction.parameters.items()}
    console.print(
        f"level {p['level']!r}, mu_eq {p['mu_eq']!r}, temperature_eq {p['temperature_eq']!r}"
    )
    for side in ("left", "right"):
        fields = ", ".join(f"{name} {p[f'{side}.{name}']!r}" for name in FIELDS)
        console.print(f"{side + ':':6} {fields}")
    if energies:
        weights = qbnum.bound_states(junction).weight.compressed()
        for energy, weight in zip(energies.values(), weights, strict=True):
            console.print(f"bound state at {energy:.15g}, weight {float(weight):.6g}")
        shown = ", ".join(map(str, policy)) if isinstance(policy, tuple) else policy
        console.print(f"bound-state occupation: {shown}")
    console.print(
        "Inputs were read as doubles, which both layers take exactly. hbar = e = k_B = 1.\n"
        "The reference is certified: its digits are proven by ball arithmetic."
    )


def _table(lines: Mapping[str, Mapping[str, Any]], digits: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("observable", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("qbnum", no_wrap=True)
    table.add_column("+-", no_wrap=True)
    table.add_column(f"reference, {digits} digits", overflow="fold")
    table.add_column("agree", justify="right", no_wrap=True)
    for name, line in lines.items():
        unit = UNITS[qbsym.observable(name).units]
        if line["value"] is None:
            table.add_row(name, unit, "undefined", "", "needs a bound state's occupation", "-")
            continue
        table.add_row(
            name,
            unit,
            f"{line['value']!r}",
            f"{line['estimate']:.0e}",
            _mid(line["enclosure"], digits),
            "equal" if line["judged"] == 0 else f"{line['comparison'].digits:.1f}",
        )
    return table


def _mid(enclosure: Enclosure, digits: int) -> str:
    """Return the reference to the digits asked for, or to those that are right if fewer."""
    if enclosure.mid == 0 or enclosure.right_digits < 1:
        return str(enclosure)
    return mp.nstr(enclosure.mid, int(min(digits, enclosure.right_digits)))


def _as_data(
    junction: qbnum.Junction,
    policy: BoundStates,
    digits: int,
    energies: Mapping[str, float],
    lines: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    observables: dict[str, Any] = {}
    for name, line in lines.items():
        entry: dict[str, Any] = {"unit": qbsym.observable(name).units}
        if line["value"] is None:
            entry |= {"qbnum": None, "reference": None, "undefined": line["why"]}
        else:
            enclosure, found = line["enclosure"], line["comparison"]
            entry |= {
                "qbnum": line["value"],
                "error_estimate": line["estimate"],
                "reference": mp.nstr(enclosure.mid, digits),
                "radius": mp.nstr(enclosure.radius, 3),
                "certified": enclosure.certified,
                "absolute_integral": mp.nstr(enclosure.absolute_integral, 17),
                "relative_error": found.relative,
                "error_of_absolute_integral": found.scaled,
                "digits": found.digits,
            }
        observables[name] = entry
    return {
        "schema": "qbval-evaluation",
        "schema_version": 1,
        "inputs": {
            name: {"repr": repr(float(value)), "hex": float(value).hex()}
            for name, value in junction.parameters.items()
        },
        "bound_states": {"policy": policy, "energies": list(energies.values())},
        "digits": digits,
        "observables": observables,
        "versions": versions(),
    }
