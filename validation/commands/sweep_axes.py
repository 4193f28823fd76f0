"""How the command line writes the axes of a sweep, and the paper's protocol for them.

May import: numpy, qbnum, validation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qbnum.sweeps import AXES
from validation.cli_options import JunctionTexts, domain_of, option_of
from validation.commands.console import DOMAINS, bad_input

__all__ = ["protocol_axes", "values_of"]

SYNTAX = (
    "give a number, a list like 0.1,0.2, a range START:STOP:COUNT, or log:START:STOP:COUNT for "
    "equal ratios"
)

MOST = 10_000_000
"""Points of one range."""

Given = np.ndarray[Any, np.dtype[np.float64]] | float


def values_of(option: str, text: str) -> Given:
    """Return the number or the array that the text of an option denotes; exit if there is none."""
    scale, _, rest = text.partition(":")
    if scale == "log":
        start, stop, count = _range(option, text, rest)
        if start == 0 or stop == 0 or (start < 0) != (stop < 0):
            bad_input(f"{option} = {text!r}: a logarithmic range needs ends of one sign, not 0.")
        return np.geomspace(start, stop, count)
    if ":" in text:
        start, stop, count = _range(option, text, text)
        return np.linspace(start, stop, count)
    if "," in text:
        return np.array([_number(option, text, part) for part in text.split(",")])
    return _number(option, text, text)


def _range(option: str, text: str, rest: str) -> tuple[float, float, int]:
    parts = rest.split(":")
    if len(parts) != 3:
        bad_input(f"{option} = {text!r} is no range; {SYNTAX}.")
    start, stop = (_number(option, text, part) for part in parts[:2])
    if not np.isfinite(stop - start):
        bad_input(f"{option} = {text!r}: STOP - START overflows; give ends that are nearer.")
    count = parts[2].strip()
    # Python reads no integer of thousands of digits.
    if not count.isdecimal() or len(count) > len(str(MOST)) or not 2 <= int(count) <= MOST:
        bad_input(f"{option} = {text!r}: COUNT = {count!r}; give a whole number from 2 to {MOST}.")
    return start, stop, int(count)


def _number(option: str, text: str, part: str) -> float:
    try:
        value = float.fromhex(part) if "0x" in part.lower() else float(part)
    except (ValueError, OverflowError):
        bad_input(f"{option} = {text!r}: {part!r} is not a number; {SYNTAX}.")
    if not np.isfinite(value):
        bad_input(f"{option} = {text!r}: {part!r} is not finite; {SYNTAX}.")
    return value


def protocol_axes(
    junction: JunctionTexts, zips: Sequence[str]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the fixed parameters of the paper's protocol, and the axes of the sweep.

    Parameters
    ----------
    junction : JunctionTexts
        Its order is that of the dimensions.
    zips : sequence of str
        Groups of axes, separated by commas, that vary together.

    Returns
    -------
    dict, dict
        Arguments of ``Junction.symmetric``, and axes for ``qbnum.sweep``. A swept equilibrium
        takes the right lead with it, and the left one where it is not set otherwise.
    """
    protocol = junction.protocol
    values: dict[str, Given] = {}
    for name, text in {**protocol, **junction.own}.items():
        values[name] = values_of(option_of(name), text)
        holds, allowed = DOMAINS[domain_of(name)]
        if not holds(np.min(values[name])):
            bad_input(f"{option_of(name)} = {text!r} leaves its domain; each must be {allowed}.")
    swept = {name for name, value in values.items() if np.ndim(value)}
    dims = _dimensions(zips, values, swept)
    fixed = {name: float(values[name]) for name in protocol if name not in swept}
    axes: dict[str, Any] = {
        name: (dims.get(name, name), value) if name in swept else value
        for name, value in values.items()
        if name in swept or name not in protocol
    }
    for equilibrium, excess in (("mu_eq", "bias"), ("temperature_eq", "temperature_gradient")):
        own = equilibrium.removesuffix("_eq")
        if f"left_{own}" in axes:
            if excess in junction.given:
                bad_input(
                    f"{option_of(excess)} and {option_of('left_' + own)} both set the left lead's "
                    f"{own}; give one of them."
                )
        elif equilibrium in swept and excess not in swept:
            dim, array = axes[equilibrium]
            axes[f"left_{own}"] = (dim, array + fixed[excess])
        if equilibrium in swept:
            axes.setdefault(f"right_{own}", axes[equilibrium])
    # What both leads have, for one lead only where the other's is set on its own.
    for name in ("onsite", "hopping", "coupling"):
        sides = [side for side in ("left", "right") if f"{side}_{name}" in axes]
        if name in swept and sides:
            common = axes.pop(name)
            for side in ("left", "right"):
                axes.setdefault(f"{side}_{name}", common)
    # Placeholders for what the axes set; they keep the base junction inside its domain.
    base = {name: fixed.get(name, _inside(name, values[name])) for name in protocol}
    return base, axes


def _inside(name: str, value: Given) -> float:
    return 0.0 if name in ("bias", "temperature_gradient") else float(np.ravel(value)[0])


def _dimensions(
    zips: Sequence[str], values: Mapping[str, Given], swept: set[str]
) -> dict[str, str]:
    """Return the dimension of each axis that shares one: that of the group's first."""
    dims: dict[str, str] = {}
    for group in zips:
        names = [part.strip().lstrip("-").replace("-", "_") for part in group.split(",")]
        if len(names) < 2:
            bad_input(f"--zip = {group!r}; give two or more options, e.g. left-mu,right-mu.")
        for name in names:
            if name not in AXES:
                bad_input(f"--zip = {group!r}: {name!r} is no parameter; there are {_listed()}.")
            if name not in swept:
                bad_input(f"--zip = {group!r}: {option_of(name)} has no several values to zip.")
            if name in dims:
                bad_input(f"--zip: {name!r} is in two groups; give it once.")
            dims[name] = names[0]
        lengths = {name: np.size(values[name]) for name in names}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            bad_input(f"--zip = {group!r} needs equally many values; {shown}.")
    return dims


def _listed() -> str:
    return ", ".join(name.replace("_", "-") for name in AXES)
