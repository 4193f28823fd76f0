"""The box that is searched: which parameters, how far, and which fields of a junction each moves.

May import: numpy, qbnum.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import real, shown
from qbnum.errors import ParameterError
from qbnum.model import Junction
from qbnum.sweeps.grid import AXES, junction_at

__all__ = ["PROTOCOL", "Space"]

Array: TypeAlias = NDArray[np.float64]

PROTOCOL = tuple(inspect.signature(Junction.symmetric).parameters)
"""Parameters of `Junction.symmetric`: the paper's protocol."""

SEVERAL_DECADES = 10.0
"""A range of positive numbers whose ends have a larger ratio is searched in equal ratios."""

_OF_EQUILIBRIUM = {
    "mu_eq": ("mu_eq", "left.mu", "right.mu"),
    "temperature_eq": ("temperature_eq", "left.temperature", "right.temperature"),
}
"""In the protocol both reservoirs are given relative to the equilibrium."""

_EXCESS = {"mu_eq": "bias", "temperature_eq": "temperature_gradient"}


@dataclass(frozen=True, eq=False)
class Space:
    """A box of parameters; ``u`` in the unit cube stands for a point of it.

    Attributes
    ----------
    names : tuple of str
        What is searched.
    lower, upper : array (d,)
        The bounds.
    logarithmic : array of bool (d,)
        Searched in equal ratios.
    fields : mapping of str to tuple of str
        The junction's fields, by dotted name, that each parameter moves, one for one.
    base : Junction or mapping of str to float
        What stays fixed.
    """

    names: tuple[str, ...]
    lower: Array
    upper: Array
    logarithmic: NDArray[np.bool_]
    fields: Mapping[str, tuple[str, ...]]
    base: Junction | Mapping[str, float]

    @classmethod
    def of(cls, base: Junction | Mapping[str, float], bounds: Mapping[str, Any]) -> Space:
        """Return the box, every name and bound checked.

        Raises
        ------
        ParameterError
            An unknown name, bounds that are no interval or leave a domain, two parameters that
            set the same field, or a base that is neither a junction nor a mapping.
        """
        if not isinstance(bounds, Mapping) or not bounds:
            raise ParameterError(
                'bounds is empty or no mapping; give at least one, e.g. bounds={"level": (-1, 1)}'
            )
        for name in bounds:
            if name not in AXES:
                raise ParameterError(
                    f"{shown(name)} cannot be searched; there are {', '.join(AXES)}"
                )
        ends = np.array([_interval(name, given) for name, given in bounds.items()])
        names = tuple(bounds)
        positive = ends[:, 0] > 0
        wide = np.zeros(len(names), dtype=bool)
        wide[positive] = ends[positive, 1] > SEVERAL_DECADES * ends[positive, 0]
        if isinstance(base, Junction):
            if base.shape != ():
                raise ParameterError(
                    f"a search starts from a single junction, not from shape {base.shape}; take "
                    "one with junction.at(...)"
                )
            fields = {name: AXES[name][0] for name in names}
            for equilibrium, excess in _EXCESS.items():
                if equilibrium in fields and excess in fields:
                    fields[equilibrium] += fields[excess]
        elif isinstance(base, Mapping):
            fields = _protocol_fields(base, names)
        else:
            raise ParameterError(
                f"{shown(base)} is neither a qbnum.Junction nor a mapping of the fixed parameters"
            )
        _refuse_two_setters(names)
        space = cls(names, ends[:, 0], ends[:, 1], wide, fields, base)
        for end in (space.lower, space.upper):
            space.junction(end)
        return space

    def __len__(self) -> int:
        return len(self.names)

    def junction(self, x: Array) -> Junction:
        """Return the junction(s) at parameters x, shape (d,) or (n, d)."""
        values = {name: np.asarray(x)[..., k] for k, name in enumerate(self.names)}
        if isinstance(self.base, Junction):
            return junction_at(self.base, values)
        given: dict[str, Any] = {**self.base, **values}
        common = {name: value for name, value in given.items() if name in PROTOCOL}
        own = {name: value for name, value in given.items() if name not in PROTOCOL}
        if "level" not in common:
            raise ParameterError("level is missing; give its value, or bounds for it")
        return junction_at(Junction.symmetric(**common), own)

    def parameters(self, u: Array) -> Array:
        """Return the parameters of points of the unit cube; its faces are the bounds exactly."""
        u = np.asarray(u, dtype=np.float64)
        x = self.lower + u * (self.upper - self.lower)
        for k in np.flatnonzero(self.logarithmic):
            x[..., k] = self.lower[k] * (self.upper[k] / self.lower[k]) ** u[..., k]
        inside = np.clip(x, self.lower, self.upper)
        return np.where(u <= 0, self.lower, np.where(u >= 1, self.upper, inside))

    def stretch(self, x: Array) -> Array:
        """Return dx/du."""
        width = np.broadcast_to(self.upper - self.lower, x.shape).copy()
        for k in np.flatnonzero(self.logarithmic):
            width[..., k] = x[..., k] * np.log(self.upper[k] / self.lower[k])
        return width

    def moved(self) -> tuple[str, ...]:
        """Return the fields that any of the parameters moves."""
        return tuple(dict.fromkeys(f for name in self.names for f in self.fields[name]))

    def incidence(self) -> Array:
        """Return, fields by parameters, 1 where the parameter moves the field."""
        return np.array(
            [[float(f in self.fields[name]) for name in self.names] for f in self.moved()]
        )


def _interval(name: str, given: Any) -> tuple[float, float]:
    ends = np.asarray(real(f"bounds of {name}", given))
    if ends.shape != (2,):
        raise ParameterError(
            f"bounds of {name} = {shown(given)}; give a pair of numbers (lower, upper)"
        )
    low, high = ends.tolist()
    if not low < high or not np.isfinite(high - low):
        raise ParameterError(
            f"bounds of {name} = {shown(given)}; give the lower one first, and no double apart"
        )
    return low, high


def _refuse_two_setters(names: tuple[str, ...]) -> None:
    setter: dict[str, str] = {}
    for name in names:
        for target in AXES[name][0]:
            if target in setter:
                raise ParameterError(
                    f"{setter[target]} and {name} both set {target}; search one of them"
                )
            setter[target] = name


def _protocol_fields(
    base: Mapping[str, float], names: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Return the moved fields where what one lead has of its own overrides the protocol."""
    for name in base:
        if name not in AXES:
            raise ParameterError(f"no parameter {shown(name)}; there are {', '.join(AXES)}")
        if name in names:
            raise ParameterError(f"{name} has a value and bounds; give one of them")
    given = (*base, *names)
    own = {target for name in given if name not in PROTOCOL for target in AXES[name][0]}
    for excess in _EXCESS.values():
        target = AXES[excess][0][0]
        if excess in given and target in own:
            raise ParameterError(
                f"{excess} and {target.replace('.', '_')} both set {target}; give one of them"
            )
    fields = {}
    for name in names:
        targets = _OF_EQUILIBRIUM.get(name, AXES[name][0])
        fields[name] = tuple(t for t in targets if name not in PROTOCOL or t not in own)
    return fields
