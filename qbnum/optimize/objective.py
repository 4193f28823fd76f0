"""What is made as large as possible: an observable, or one observable per another.

Values and derivatives on arrays of points, the quotient rule, and the limits 0/0 of quotients
at equilibrium. Eqs. (7)-(13). May import: numpy, qbnum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import shown
from qbnum.errors import ConvergenceError, ParameterError
from qbnum.gradients import gradients
from qbnum.observables import OBSERVABLES
from qbnum.optimize.space import Space
from qbnum.sweeps import STATUS, sweep
from qbnum.sweeps.grid import AXES

__all__ = ["OBJECTIVES", "RATIOS", "Objective", "Problem", "Values"]

Array: TypeAlias = NDArray[np.float64]

RATIOS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "exergy_per_current": ("exergy", "charge_current"),
        "exergy_per_entropy_production": ("exergy", "entropy_production"),
        "entropy_per_current": ("entropy", "charge_current"),
        "entropy_per_entropy_production": ("entropy", "entropy_production"),
    }
)
"""Quotients of an observable by the magnitude of another."""

OBJECTIVES = (*OBSERVABLES, *RATIOS)
"""What can be made large or small."""

NUDGE = 1e-6
"""Where a quotient is 0/0 it is taken this part of the box further inside: observables keep their
relative accuracy near equilibrium, and the quotient is smooth along a line through it."""


@dataclass(frozen=True)
class Objective:
    """An observable, or a quotient of two."""

    name: str
    numerator: str
    denominator: str | None

    @classmethod
    def of(cls, name: str) -> Objective:
        """Return the objective of a name.

        Raises
        ------
        ParameterError
            There is none.
        """
        if not isinstance(name, str) or name not in OBJECTIVES:
            raise ParameterError(f"no objective {shown(name)}; there are {', '.join(OBJECTIVES)}")
        if name in RATIOS:
            return cls(name, *RATIOS[name])
        return cls(name, name, None)

    @property
    def observables(self) -> tuple[str, ...]:
        """Those that it is made of."""
        return (self.numerator, *([self.denominator] if self.denominator else ()))

    def value(self, values: Mapping[str, Array]) -> Array:
        """Return it from its observables; NaN where it is 0/0, infinite where it has a pole."""
        top = values[self.numerator]
        if self.denominator is None:
            return top
        with np.errstate(divide="ignore", invalid="ignore"):
            return top / np.abs(values[self.denominator])

    def change(self, values: Mapping[str, Array], changes: Mapping[str, Array]) -> Array:
        """Return its derivative from those of its observables (their last axis), as a quotient."""
        top = changes[self.numerator]
        if self.denominator is None:
            return top
        with np.errstate(divide="ignore", invalid="ignore"):
            below = values[self.denominator][..., None]
            ratio = self.value(values)[..., None]
            return (top - ratio * np.sign(below) * changes[self.denominator]) / np.abs(below)

    def error(self, values: Mapping[str, Array], errors: Mapping[str, Array]) -> Array:
        """Return its error from those of its observables."""
        top = errors[self.numerator]
        if self.denominator is None:
            return top
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.abs(values[self.denominator])
            return (top + np.abs(self.value(values)) * errors[self.denominator]) / below


@dataclass(frozen=True, eq=False)
class Values:
    """An objective at n points of d parameters; derivatives by the unit cube's coordinates."""

    value: Array
    error: Array
    slope: Array
    slope_error: Array


class Problem:
    """An objective over a box."""

    def __init__(  # noqa: D107
        self, objective: Objective, space: Space, options: Mapping[str, Any]
    ) -> None:
        self.objective, self.space, self.options = objective, space, dict(options)
        self.evaluations = 0

    def observables(self, x: Array) -> tuple[dict[str, Array], Array]:
        """Return the objective's observables at n points, NaN where undefined, and the status."""
        junctions = self.space.junction(x)
        self.evaluations += len(x)
        first = junctions.at(0)
        columns = {
            name: ("point", np.broadcast_to(junctions.parameters[targets[0]], len(x)))
            for name, (targets, _) in AXES.items()
            if len(targets) == 1 and name not in ("bias", "temperature_gradient")
        }
        found = sweep(
            first,
            columns,
            observables=self.objective.observables,
            on_error="mask",
            **self.options,
        )
        return {n: found[n].values for n in self.objective.observables}, found["status"].values

    def scan(self, u: Array) -> tuple[Array, Array]:
        """Return the objective at points of the unit cube, NaN where undefined, and the status."""
        values, status = self.observables(self.space.parameters(u))
        value = self.objective.value(values)
        return np.where(np.isfinite(value), value, np.nan), status

    def derivatives(self, u: Array) -> Values:
        """Return the objective and its derivatives at points (n, d) of the unit cube."""
        found = self._derivatives(u)
        if self.objective.denominator is None or np.isfinite(found.value).all():
            return found
        inside = u + NUDGE * np.where(u < 0.5, 1.0, -1.0)
        other = self._derivatives(inside)
        lost = ~np.isfinite(found.value)
        return Values(
            np.where(lost, other.value, found.value),
            np.where(lost, other.error, found.error),
            np.where(lost[:, None], other.slope, found.slope),
            np.where(lost[:, None], other.slope_error, found.slope_error),
        )

    def _derivatives(self, u: Array) -> Values:
        x = self.space.parameters(u)
        fields, names = self.space.moved(), self.objective.observables
        self.evaluations += len(x)
        try:
            g = gradients(self.space.junction(x), names, fields, **self.options)
        except ConvergenceError:
            if len(u) == 1:
                nothing = np.full(1, np.nan)
                return Values(nothing, nothing, np.full(u.shape, np.nan), np.full(u.shape, np.nan))
            parts = [self._derivatives(u[k : k + 1]) for k in range(len(u))]
            return Values(
                *(
                    np.concatenate([getattr(part, name) for part in parts])
                    for name in ("value", "error", "slope", "slope_error")
                )
            )
        incidence = self.space.incidence()
        stretch = self.space.stretch(x)
        values = {name: _plain(g.value(name), len(u)) for name in names}
        errors = {name: _plain(g.state.error_estimate[name], len(u)) for name in names}
        slopes = {name: g.jacobian(name) @ incidence * stretch for name in names}
        loose = {
            name: np.stack([_plain(g.error_estimate[name, f], len(u)) for f in fields], axis=-1)
            @ incidence
            * stretch
            for name in names
        }
        value, error = self.objective.value(values), self.objective.error(values, errors)
        slope_error = loose[self.objective.numerator]
        if self.objective.denominator is not None:
            # Errors add where derivatives subtract, and the value's own error enters as well.
            below = np.abs(values[self.objective.denominator])[:, None]
            own = slope_error + np.abs(value)[:, None] * loose[self.objective.denominator]
            sway = error[:, None] * np.abs(slopes[self.objective.denominator])
            slope_error = (own + sway) / below
        return Values(value, error, self.objective.change(values, slopes), slope_error)

    def status_counts(self, status: Array) -> tuple[int, int]:
        """Return how many points have an unoccupied bound state, and how many are unresolved."""
        return (
            int(np.sum(status == STATUS["bound_state_occupation_not_fixed"])),
            int(np.sum(status == STATUS["not_resolved"])),
        )


def _plain(values: Any, size: int) -> Array:
    filled = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    return np.broadcast_to(filled, (size,))
