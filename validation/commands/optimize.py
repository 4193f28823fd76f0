"""``qbval optimize``: the best protocol within bounds, found, certified, compared and drawn.

May import: everything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpmath import mp
from rich import box
from rich.table import Table

import qbnum
from qbnum.optimize import RATIOS, LocalOptimum, Optimum, maximize, minimize
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
)
from validation.commands.optimize_picture import draw, paper_line
from validation.errors import PrecisionNotReachedError, ValidationError
from validation.optimum import Certificate, certify
from validation.plotting import FORMATS
from validation.versions import versions

if TYPE_CHECKING:
    from validation.cli_options import JunctionTexts

__all__ = ["run"]


def run(
    parameters: JunctionTexts,
    *,
    largest: str | None,
    smallest: str | None,
    bound_state: str,
    points: int | None,
    digits: int | None,
    picture: Path | None,
    as_json: bool,
) -> int:
    """Search, certify, print and draw; return the exit code.

    Parameters
    ----------
    parameters : JunctionTexts
        Numbers and ranges.
    largest, smallest : str or None
        The objective.
    bound_state : str
        ``mask``, ``exclude`` or an occupation.
    points : int or None
        Of the scan.
    digits : int or None
        Digits asked of the reference; None: not certified.
    picture : path or None
        What to draw to.
    as_json : bool
        One JSON object instead of tables.
    """
    if largest is not None and smallest is not None:
        bad_input("--maximize and --minimize exclude each other; give one of them.")
    name = (smallest or largest or "exergy").replace("-", "_")
    fixed, bounds = _parted({**parameters.protocol, **parameters.own})
    policy: Any = bound_state
    if bound_state not in ("mask", "exclude"):
        policy = number("--bound-state", bound_state, "probability")
    _check_picture(picture, bounds)
    clock = time.perf_counter()
    certificate = None
    search = minimize if smallest is not None else maximize
    try:
        with errors().status("searching") as shown:
            found = search(
                name, fixed, bounds, bound_states=policy, points=points, progress=shown.update
            )
            seconds = time.perf_counter() - clock
            if digits is not None and found.attained:
                shown.update("certifying by the reference")
                certificate = certify(found, digits)
            if picture is not None:
                shown.update("drawing")
                draw(found, fixed, picture)
    except KeyboardInterrupt:
        errors().print("Interrupted: nothing was found.")
        return INTERRUPTED
    except qbnum.QbnumError as error:
        bad_input(_sentence(error))
    except PrecisionNotReachedError as error:
        errors().print(f"The reference refuses: {error}", soft_wrap=True)
        return DISAGREED
    except ValidationError as error:
        bad_input(_sentence(error))
    except OSError as error:
        bad_input(f"{error.filename or picture}: {error.strerror or error}.")
    if as_json:
        print_json(_as_data(found, fixed, certificate, digits))
    else:
        _print(found, fixed, certificate, seconds, picture)
    return DISAGREED if certificate is not None and not certificate.holds else AGREED


def _parted(texts: Mapping[str, str]) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return what is fixed and what is searched."""
    fixed: dict[str, float] = {}
    bounds: dict[str, tuple[float, float]] = {}
    for name, text in texts.items():
        option = option_of(name)
        if ":" not in text:
            fixed[name] = number(option, text, domain_of(name))
            continue
        ends = text.split(":")
        if len(ends) != 2:
            bad_input(f"{option} = {text!r} is no range; give A:B, the lower end first.")
        low, high = (number(option, end, domain_of(name)) for end in ends)
        if not low < high:
            bad_input(f"{option} = {text!r} is no range; give A:B, the lower end first.")
        bounds[name] = (low, high)
    if not bounds:
        bad_input("no parameter is searched; give at least one a range A:B, e.g. --level=-1:1.5.")
    for excess, target in (("bias", "left_mu"), ("temperature_gradient", "left_temperature")):
        # The lead's own option overrides the protocol's, as in the other commands.
        if target in texts and fixed.get(excess) is not None:
            del fixed[excess]
    for name in ("onsite", "hopping", "coupling"):
        if name in bounds and all(f"{side}_{name}" in texts for side in ("left", "right")):
            bad_input(f"--{name} is searched, but both leads have their own; leave one out.")
    return fixed, bounds


def _check_picture(picture: Path | None, bounds: Mapping[str, Any]) -> None:
    check_output("--picture", picture, FORMATS)
    if picture is not None and len(bounds) > 2:
        bad_input(
            f"a picture needs one or two searched parameters, and there are {len(bounds)}; leave "
            "out --picture, or fix some."
        )


def _sentence(error: Exception) -> str:
    text = str(error).replace("bound_states=<occupation in [0, 1]>", "--bound-state N")
    return text if text.endswith(".") else text + "."


def _unit(name: str) -> str:
    if name in RATIOS:
        return "1/energy"
    return qbnum.OBSERVABLES[name].unit.replace("^2", "²")


def _print(
    found: Optimum,
    fixed: Mapping[str, float],
    certificate: Certificate | None,
    seconds: float,
    picture: Path | None,
) -> None:
    console = out()
    unit = _unit(found.objective)
    console.print(f"[bold]{found.goal.capitalize()} of {found.objective}[/]", soft_wrap=True)
    console.print(f"Fixed: {', '.join(f'{k} {v:g}' for k, v in fixed.items())}.")
    console.print(_parameter_table(found, certificate))
    shown = f"{found.value!r}" + ("" if unit == "1" else f" {unit}")
    console.print(f"{found.objective} {shown} +- {found.error_estimate:.0e}")
    if not found.attained:
        console.print(f"[yellow]Not attained[/]: {found.note}.", soft_wrap=True)
    if certificate is not None:
        _print_certificate(console, certificate)
    _print_others(console, found)
    for line in paper_line(found, fixed):
        console.print(line)
    left_out = [f"{found.scanned} points scanned"]
    if found.undefined:
        left_out.append(f"{found.undefined} left out for a bound state")
    if found.unresolved:
        left_out.append(f"{found.unresolved} not resolved")
    console.print(f"{', '.join(left_out)}; {found.evaluations} junctions in {seconds:.1f} s.")
    console.print("That no better one hides between the points of the scan is not proven.")
    if picture is not None:
        console.print(f"Picture: {picture}", soft_wrap=True)


def _parameter_table(found: Optimum, certificate: Certificate | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("searched", no_wrap=True)
    table.add_column("from", justify="right", no_wrap=True)
    table.add_column("to", justify="right", no_wrap=True)
    table.add_column("optimum", no_wrap=True)
    table.add_column("exact one within", justify="right")
    table.add_column("slope", justify="right")
    for name, value in found.parameters.items():
        low, high = found.bounds[name]
        held = found.at_bounds.get(name)
        away = found.location_error[name]
        if certificate is not None:
            away = certificate.distance[name]
        slope = f"{found.gradient[name]:.3g}" if held or not found.attained else "0"
        near = "at the bound" if held else ("flat" if math.isinf(away) else f"{away:.0e}")
        table.add_row(name, f"{low:g}", f"{high:g}", repr(value), near, slope)
    return table


def _print_certificate(console: Any, certificate: Certificate) -> None:
    value = certificate.value
    shown = mp.nstr(value.mid, max(1, min(value.digits - 10, int(value.right_digits))))
    digits = 17.0
    if certificate.relative_error:
        digits = min(17.0, -math.log10(certificate.relative_error))
    kind = "certified value" if value.certified else "reference"
    console.print(f"{kind} {shown}: {digits:.1f} digits agree")
    if not certificate.holds:
        for failure in certificate.failures:
            console.print(f"[bold red]The certificate fails[/]: {failure}.", soft_wrap=True)
        return
    if certificate.proven is not None:
        console.print(
            f"[green]Certified[/]: an optimum is proven to lie within {certificate.proven:.0e}, "
            "since both sides are worse."
        )
    else:
        free = "both sides" if any(certificate.distance.values()) else "inside"
        console.print(
            f"[green]Certified[/]: worse at {len(certificate.neighbours)} neighbours "
            f"(along each parameter, {free}); no slope but out of the bounds."
        )


def _print_others(console: Any, found: Optimum) -> None:
    for other in found.local[1:]:
        where = ", ".join(f"{k} {v:.6g}" for k, v in other.parameters.items())
        console.print(f"Another local {found.goal}: {other.value:.8g} at {where}.")


def _as_data(
    found: Optimum,
    fixed: Mapping[str, float],
    certificate: Certificate | None,
    digits: int | None,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "schema": "qbval-optimum",
        "schema_version": 1,
        "objective": found.objective,
        "goal": found.goal,
        "unit": _unit(found.objective),
        "fixed": dict(fixed),
        "bounds": {name: list(ends) for name, ends in found.bounds.items()},
        "local": [_local_data(one) for one in found.local],
        "scanned": found.scanned,
        "undefined": found.undefined,
        "unresolved": found.unresolved,
        "evaluations": found.evaluations,
        "certificate": None,
        "versions": versions(),
    }
    if certificate is not None:
        data["certificate"] = {
            "holds": certificate.holds,
            "failures": list(certificate.failures),
            "value": mp.nstr(certificate.value.mid, digits),
            "radius": mp.nstr(certificate.value.radius, 3),
            "certified": certificate.value.certified,
            "relative_error": certificate.relative_error,
            "gradient": {k: mp.nstr(e.mid, 10) for k, e in certificate.gradient.items()},
            "distance": dict(certificate.distance),
            "proven_within": certificate.proven,
        }
    return data


def _local_data(one: LocalOptimum) -> dict[str, Any]:
    return {
        "parameters": dict(one.parameters),
        "value": one.value,
        "error_estimate": one.error_estimate,
        "gradient": dict(one.gradient),
        "location_error": dict(one.location_error),
        "at_bounds": dict(one.at_bounds),
        "attained": one.attained,
        "note": one.note,
    }
