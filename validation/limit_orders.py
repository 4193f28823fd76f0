"""Measured orders of convergence: does each limit of qbsym's catalogue approach as it claims?

The reference is evaluated along the limit's path, and the slope of ln|observable - expression| in
ln epsilon is held against the claimed power of the remainder; an exponentially small remainder
against its rate. Entries that share a path share the references and the integrals of their
expressions. May import: mpmath, sympy, qbsym, validation; never qbnum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath import mp, mpf
from sympy import oo

from qbsym import limits
from qbsym.limits import Entry
from validation.exact import ExactJunction
from validation.references import Reference, reference

__all__ = ["TOLERANCE", "Measurement", "measure", "measure_all"]

TOLERANCE = 0.05
"""How far a measured order may be from the claimed one (for rates: relative to 1).

The term after the remainder's first changes a slope in proportion to epsilon or its square; the
entries' epsilons are small enough for a few hundredths. A wrong order is off by one at least, a
wrong coefficient shows as a missing order.
"""

DIGITS = (20, 40, 80, 160)
"""Digits asked of both sides, until the difference stands out of the error of either."""

CLEAR = 1000
"""How far it must stand out: a thousandth changes a slope by less than the tolerance."""


@dataclass(frozen=True)
class Measurement:
    """What was measured of one entry.

    Attributes
    ----------
    entry : Entry
    kind : "power", "rate" or "exact"
        What is claimed of the remainder.
    claimed, measured : float
        Powers of epsilon; for a rate 1 and the measured rate over the claimed one; for an exact
        entry infinity, and infinity if no difference is seen.
    epsilons : tuple of Rational
    differences : tuple of mpf
        abs(observable - expression) at each.
    """

    entry: Entry
    kind: str
    claimed: float
    measured: float
    epsilons: tuple[Any, ...]
    differences: tuple[mpf, ...]

    @property
    def error(self) -> float:
        """How far the measured order is from the claimed one."""
        if self.claimed == self.measured:
            return 0.0
        return abs(self.measured - self.claimed)

    @property
    def agreed(self) -> bool:
        """Whether the order is confirmed."""
        return self.error <= TOLERANCE


def measure(entry: Entry, points: int | None = None) -> Measurement:
    """Return the measured order of one entry; see `measure_all`."""
    return measure_all([entry], points)[0]


def measure_all(entries: Iterable[Entry], points: int | None = None) -> list[Measurement]:
    """Return the measured order of each entry, in their order.

    Parameters
    ----------
    entries : iterable of Entry
    points : int, optional
        How many of an entry's epsilons to take, counted from the smallest; by default all. The
        order is that of the last two.
    """
    listed = list(entries)
    groups: dict[Any, list[Entry]] = {}
    for entry in listed:
        groups.setdefault(_path_key(entry), []).append(entry)
    found: dict[str, Measurement] = {}
    for group in groups.values():
        left = group
        for digits in DIGITS:
            differences = _differences(left, points, digits)
            unclear = []
            for entry, seen in zip(left, differences, strict=True):
                if digits == DIGITS[-1] or _is_clear(entry, seen):
                    found[entry.name] = _measurement(entry, seen)
                else:
                    unclear.append(entry)
            left = unclear
            if not left:
                break
    return [found[entry.name] for entry in listed]


def _path_key(entry: Entry) -> Any:
    limit = entry.limit
    return (
        tuple(sorted(limit.example.items())),
        tuple(sorted(limit.path.items(), key=str)),
        limit.epsilons,
        limit.occupation,
    )


@dataclass(frozen=True)
class _Seen:
    """The differences along a path, the errors of either side, and the claimed rates."""

    differences: tuple[mpf, ...]
    noise: tuple[mpf, ...]
    rates: tuple[mpf, ...]


def _differences(group: Sequence[Entry], points: int | None, digits: int) -> list[_Seen]:
    limit = group[0].limit
    epsilons = limit.epsilons[-points:] if points else limit.epsilons
    expressions = [entry.limit.expression for entry in group]
    rates = [entry.limit.rate for entry in group if entry.limit.rate is not None]
    rows: list[list[tuple[mpf, mpf, mpf]]] = [[] for _ in group]
    for epsilon in epsilons:
        at = {
            name: Fraction(int(value.p), int(value.q)) for name, value in limit.at(epsilon).items()
        }
        values = limits.evaluate(expressions, at, digits)
        rate_values = iter(limits.evaluate(rates, at, digits)) if rates else iter(())
        exact = _reference(tuple(at.items()), digits, limit.occupation)
        with mp.workdps(digits + 20):
            for row, entry, value in zip(rows, group, values, strict=True):
                mid, radius = _observed(entry, exact, at)
                noise = radius + (abs(value) + abs(mid)) * mpf(10) ** -digits
                rate = next(rate_values) if entry.limit.rate is not None else mpf(0)
                row.append((abs(mid - value), noise, rate))
    return [_Seen(*(tuple(column) for column in zip(*row, strict=True))) for row in rows]


@lru_cache(maxsize=64)
def _reference(
    at: tuple[tuple[str, Fraction], ...], digits: int, occupation: str | None
) -> Reference:
    junction = ExactJunction.from_parameters(dict(at))
    policy: Any = "error" if occupation is None else Fraction(occupation)
    return reference(junction, digits=digits, bound_states=policy)


def _observed(entry: Entry, exact: Reference, at: dict[str, Fraction]) -> tuple[mpf, mpf]:
    """Return the observable, or the named combination, and a bound of its error."""
    if entry.of is None:
        enclosure = exact[entry.observable]
        return enclosure.mid, enclosure.radius
    parameters = {name: mpf(value.numerator) / value.denominator for name, value in at.items()}
    mids = {name: enclosure.mid for name, enclosure in exact.items()}
    middle: Any = entry.of(mids, parameters)
    radius = mpf(0)
    for name, enclosure in exact.items():
        moved: Any = entry.of(mids | {name: enclosure.mid + enclosure.radius}, parameters)
        radius += abs(moved - middle)
    return middle, radius


def _is_clear(entry: Entry, seen: _Seen) -> bool:
    if entry.limit.remainder == oo:
        return True
    return all(d > CLEAR * n for d, n in zip(seen.differences[-2:], seen.noise[-2:], strict=True))


def _measurement(entry: Entry, seen: _Seen) -> Measurement:
    limit = entry.limit
    epsilons = limit.epsilons[-len(seen.differences) :]
    far, near = seen.differences[-2:]
    if limit.remainder == oo:
        kind, claimed = "exact", math.inf
        within = all(d <= n for d, n in zip(seen.differences, seen.noise, strict=True))
        measured = math.inf if within else _slope(epsilons, limit.logarithms, far, near)
    elif limit.remainder is not None:
        kind, claimed = "power", float(limit.remainder)
        measured = _slope(epsilons, limit.logarithms, far, near)
    else:
        kind, claimed = "rate", 1.0
        change = float(seen.rates[-1] - seen.rates[-2])
        measured = float(mp.log(far / near)) / change if near and far else math.inf
    return Measurement(entry, kind, claimed, measured, epsilons, seen.differences)


def _slope(epsilons: Sequence[Any], logarithms: int, far: mpf, near: mpf) -> float:
    """Return the slope of the last two differences; infinite where there is none left.

    Powers of ln(1/epsilon) that are claimed of the remainder are divided out.
    """
    if not near or not far:
        return math.inf
    log_far, log_near = (math.log(int(e.q)) - math.log(int(e.p)) for e in epsilons[-2:])
    change = float(mp.log(far / near)) - logarithms * math.log(log_far / log_near)
    return change / (log_near - log_far)
