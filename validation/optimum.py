"""`certify`: what the reference proves of an optimum that the fast layer found.

The certified value there, and certified values beside it: worse on both sides, they prove a
maximum between them; their differences give the gradient and how far the exact optimum is.
Eqs. (7)-(13).
May import: numpy, mpmath, qbnum (of which an optimum is a record), validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp, mpf

from qbnum.optimize import LocalOptimum, Optimum
from qbnum.optimize.objective import Objective
from validation.enclosure import Enclosure
from validation.errors import ParameterError
from validation.exact import ExactJunction
from validation.junctions import bound_energies
from validation.references import Reference, reference

__all__ = ["Certificate", "Neighbour", "certify"]

APART = 1e-9
"""Distance of the neighbours, in lengths over which the objective changes by its own size: the
drops are 1e-18 of it, the differences' truncation no more, and the reference knows 1e-30."""

AGREEMENT = 1e-10
"""Relative error beyond which the fast value counts as wrong."""

MISPLACED = 1e-9
"""Distance from the exact optimum, by the same lengths, that counts as missing it; Newton's method
leaves 1e-14."""

WORKING = 30
"""Digits of the reference at least, so that the drops are known to 12."""

GUARD = 10
"""Digits beyond those asked for."""


@dataclass(frozen=True)
class Neighbour:
    """A point beside the optimum.

    Parameters
    ----------
    parameter : str
    step : float
        Its distance, with sign.
    drop : Enclosure
        By how much the objective is worse there.
    worse : bool
        Whether that is so for every value the enclosures leave open.
    """

    parameter: str
    step: float
    drop: Enclosure
    worse: bool


@dataclass(frozen=True)
class Certificate:
    """What the reference says of a local optimum. Global optimality is not proven.

    Parameters
    ----------
    value : Enclosure
        The objective at the optimum's junction; certified.
    relative_error : float
        Of the fast layer's value.
    gradient : mapping of str to Enclosure
        By each parameter; differences of certified values, with an estimate of their truncation.
    distance : mapping of str to float
        How far the exact optimum is, the gradient by the curvature; 0 for a parameter on its
        bound, infinite where the curvature has the wrong sign.
    shortfall : float
        By how much the exact optimum is better: half the gradient times that distance.
    neighbours : tuple of Neighbour
        Beside the optimum along each parameter, on both sides if it is free, else inside.
    proven : float or None
        With one parameter, and it free: a maximum is proven to lie within this distance, since
        the objective is continuous and certified to be worse on both sides.
    failures : tuple of str
        What does not hold; empty for a certificate.
    """

    value: Enclosure
    relative_error: float
    gradient: Mapping[str, Enclosure]
    distance: Mapping[str, float]
    shortfall: float
    neighbours: tuple[Neighbour, ...]
    proven: float | None
    failures: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def certify(optimum: Optimum, digits: int = 20, *, which: int = 0) -> Certificate:
    """Return what the reference says of an optimum.

    Parameters
    ----------
    optimum : qbnum.Optimum
    digits : int
        Digits asked of the reference, 10 to 40.
    which : int
        Which of ``optimum.local``; the best by default.

    Returns
    -------
    Certificate

    Raises
    ------
    ParameterError
        ``digits`` or ``which`` out of range, or an optimum that is only a limit.
    ValidationError
        The reference refuses the value itself.
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 10 <= digits <= 40:
        raise ParameterError(f"digits = {digits!r}; give an integer from 10 to 40")
    if not 0 <= which < len(optimum.local):
        raise ParameterError(
            f"which = {which!r}; there are {len(optimum.local)} local optima, from 0"
        )
    local = optimum.local[which]
    if not local.attained:
        raise ParameterError(f"there is nothing to certify: {local.note}")
    return _Certifier(optimum, local, digits).certificate()


class _Certifier:
    """One local optimum under the reference."""

    def __init__(self, optimum: Optimum, local: LocalOptimum, digits: int) -> None:
        self.optimum, self.local, self.digits = optimum, local, digits
        self.objective = Objective.of(optimum.objective)
        self.sign = 1 if optimum.goal == "maximum" else -1
        self.exact = ExactJunction.from_junction(local.junction)
        self.policy = _policy(optimum, local)
        self.names = tuple(local.parameters)
        self.free = [name for name in self.names if name not in local.at_bounds]
        self.working = max(WORKING, digits + GUARD)

    def certificate(self) -> Certificate:
        """Return what holds and what does not."""
        with mp.workdps(2 * self.working):
            value = self._value(self._reference(self.exact))
            lengths = {name: self._length(name) for name in self.names}
            steps = {name: Fraction(APART) * Fraction(lengths[name]) for name in self.names}
            neighbours, curvature = self._around(value, steps)
            gradient = {
                name: self._slope(value, name, lengths[name], neighbours) for name in self.names
            }
            failures = []
            gap = abs(value.mid - mpf(self.local.value))
            relative = float(gap / abs(value.mid)) if value.mid else float(gap)
            # Where the objective is 0 there is only the estimate to hold it against.
            if relative > AGREEMENT and gap > self.local.error_estimate + value.radius:
                failures.append(f"the fast layer's value is wrong by {relative:.1e}")
            failures += [
                f"{n.parameter} {n.step:+.1e} is not worse" for n in neighbours if not n.worse
            ]
            failures += self._wrong_at_bounds(gradient)
            distance, shortfall = self._distance(gradient, curvature)
            failures += [
                f"{name} is {distance[name]:.1e} from the exact optimum"
                for name in self.free
                if not distance[name] <= MISPLACED * lengths[name]
            ]
        proven = None
        if len(self.names) == 1 and self.free and all(n.worse for n in neighbours):
            proven = float(max(abs(n.step) for n in neighbours))
        return Certificate(
            value, relative, gradient, distance, shortfall, neighbours, proven, tuple(failures)
        )

    def _reference(self, junction: ExactJunction) -> Reference:
        return reference(junction, self.working, self.objective.observables, self.policy)

    def _value(self, found: Reference) -> Enclosure:
        top = found[self.objective.numerator]
        if self.objective.denominator is None:
            return top
        below = found[self.objective.denominator]
        size = abs(below.mid)
        if size <= below.radius:
            raise ParameterError(f"{self.objective.denominator} is not told from 0 there")
        mid = top.mid / size
        radius = (top.radius + abs(mid) * below.radius) / (size - below.radius)
        certified = top.certified and below.certified
        return Enclosure(mid, radius, abs(mid), certified, top.backend, top.digits)

    def _length(self, name: str) -> float:
        """Return over which distance the objective changes by about its own size."""
        lower, upper = self.optimum.bounds[name]
        j = self.local.junction
        length = min(float(t) for t in (j.left.temperature, j.right.temperature, j.temperature_eq))
        if name.endswith(("coupling", "hopping", "temperature", "temperature_eq")):
            length = abs(self.local.parameters[name]) or length
        slope = abs(self.local.gradient[name])
        if name in self.local.at_bounds and slope:
            length = min(length, abs(self.local.value) / slope or length)
        return min(upper - lower, length)

    def _slope(
        self, value: Enclosure, name: str, length: float, neighbours: tuple[Neighbour, ...]
    ) -> Enclosure:
        """Return the derivative: a central difference, or one to the inside of a bound."""
        beside = [n for n in neighbours if n.parameter == name]
        # The neighbours' objective less that of the optimum is -sign drop.
        rise = sum((-self.sign * n.drop.mid * mp.sign(n.step) for n in beside), mpf(0))
        width = sum((abs(mpf(n.step)) for n in beside), mpf(0))
        loose = sum((n.drop.radius for n in beside), mpf(0)) / width
        order = 2 if len(beside) == 2 else 1
        truncation = mpf(APART) ** order * abs(value.mid) / length
        mid = rise / width
        return Enclosure(mid, loose + truncation, abs(mid), False, value.backend, self.digits)

    def _around(
        self, value: Enclosure, steps: Mapping[str, Fraction]
    ) -> tuple[tuple[Neighbour, ...], np.ndarray[Any, Any]]:
        """Return the neighbours, and the second derivatives by the free parameters."""
        neighbours, drops = [], {}
        for name in self.names:
            held = self.local.at_bounds.get(name)
            for sign in {"lower": (1,), "upper": (-1,)}.get(str(held), (1, -1)):
                at = self._value(self._moved({name: sign * steps[name]}))
                drop = self.sign * (value.mid - at.mid)
                radius = value.radius + at.radius
                drops[name, sign] = drop
                gap = Enclosure(drop, radius, abs(drop), at.certified, at.backend, self.digits)
                neighbours.append(
                    Neighbour(name, float(sign * steps[name]), gap, bool(drop > radius))
                )
        size = len(self.free)
        curvature = np.zeros((size, size))
        for i, a in enumerate(self.free):
            curvature[i, i] = float(-(drops[a, 1] + drops[a, -1]) / _real(steps[a]) ** 2)
            for k, b in enumerate(self.free[:i]):
                both = self._value(self._moved({a: steps[a], b: steps[b]}))
                bend = -self.sign * (value.mid - both.mid) + drops[a, 1] + drops[b, 1]
                # What each step alone gains is in its own drop.
                curvature[i, k] = curvature[k, i] = float(
                    bend / (_real(steps[a]) * _real(steps[b]))
                )
        return tuple(neighbours), curvature

    def _moved(self, by: Mapping[str, Fraction]) -> Reference:
        values = dict(self.exact.parameters)
        for name, step in by.items():
            for f in self.optimum.fields[name]:
                values[f] += step
        return self._reference(ExactJunction.from_parameters(values))

    def _wrong_at_bounds(self, gradient: Mapping[str, Enclosure]) -> list[str]:
        """Return the bounds from which the objective improves inwards."""
        found = []
        for name, held in self.local.at_bounds.items():
            slope = gradient[name]
            outwards = self.sign * slope.mid * (-1 if held == "lower" else 1)
            if outwards < -slope.radius:
                found.append(f"{name} is on its {held} bound, but the objective rises inwards")
        return found

    def _distance(
        self, gradient: Mapping[str, Enclosure], curvature: np.ndarray[Any, Any]
    ) -> tuple[dict[str, float], float]:
        distance = dict.fromkeys(self.names, 0.0)
        if not self.free:
            return distance, 0.0
        if np.linalg.eigvalsh(curvature).max() >= 0:
            return distance | dict.fromkeys(self.free, float("inf")), float("inf")
        slope = np.array([float(abs(gradient[n].mid) + gradient[n].radius) for n in self.free])
        away = np.abs(np.linalg.inv(curvature)) @ slope
        found = distance | dict(zip(self.free, away.tolist(), strict=True))
        return found, float(slope @ away / 2)


def _policy(optimum: Optimum, local: LocalOptimum) -> Any:
    """Return the reference's bound-state policy for that of the search."""
    given = optimum.options.get("bound_states", "mask")
    if isinstance(given, str):
        return "error" if given == "mask" else given
    if isinstance(given, Mapping):
        return tuple(float(given[position]) for position in bound_energies(local.junction))
    return float(given)


def _real(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator
