"""Certified integrals: Arb's `acb.integral` over pieces of each segment, in t, omega = edge +- t^2.

Each segment between band edges is cut in the middle, each half measured from its own edge; the
halves are cut where an integrand changes sign and where its singularities gather. Where the cuts
lie is a guess that costs time only: whatever they are, every integral is enclosed rigorously.
May import: flint, qbsym, validation.exact, validation.backends.bands, validation.metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from flint import acb, arb, ctx

from qbsym import greens
from qbsym._flint import to_ball
from qbsym.callables import lambdify
from qbsym.edge_variable import composition, ingredients
from validation.backends.arb_assembly import Ball
from validation.backends.arb_rule import Integrand, integrate
from validation.backends.bands import Segment, sign_at_edge
from validation.exact import ExactJunction

__all__ = ["Half", "Integrator", "halves"]

GRADING, SAMPLES = 32, 24
"""Sample points gather at the ends of a piece with this ratio, so many at each: down to 1e-36."""

BISECTIONS = 300
"""Of a resonance's energy."""


@dataclass(frozen=True)
class Half:
    """Half of a segment, with t = sqrt(abs(omega - edge)) from 0 to `length`.

    Parameters
    ----------
    segment : Segment
    edge : Fraction
        The end of the segment that t is measured from.
    side : 1 or -1
        omega = edge + side t^2.
    """

    segment: Segment
    edge: Fraction
    side: int

    @property
    def length(self) -> Fraction:
        """Extent of the half in omega."""
        return (self.segment.upper - self.segment.lower) / 2

    def squared(self, omega: Fraction) -> Fraction:
        """Return t^2 of an energy."""
        return self.side * (omega - self.edge)


def halves(found: Sequence[Segment]) -> list[Half]:
    """Return the two halves of each segment."""
    return [
        half
        for segment in found
        for half in (Half(segment, segment.lower, 1), Half(segment, segment.upper, -1))
    ]


class Integrator:
    """The integrals of one junction.

    Parameters
    ----------
    j : ExactJunction
        Its idle leads moved away (`bands.without_idle_leads`).
    found : sequence of Segment
        Its segments.
    """

    def __init__(self, j: ExactJunction, found: Sequence[Segment]) -> None:  # noqa: D107
        self.parameters = tuple(j.parameters.values())
        self.cuts = {half: _cuts(j, half) for half in halves(found)}
        self._ingredients = {half: self._bound(j, half) for half in self.cuts}
        self._compositions: dict[tuple[tuple[str, ...], bool, bool], Any] = {}
        self.evaluations = 0

    def _bound(self, j: ExactJunction, half: Half) -> Any:
        edges = [_edge_of(lead, half.edge) for lead in (j.left, j.right)]
        closing = all(
            edge is not None or region != "inside"
            for edge, region in zip(edges, half.segment.regions, strict=True)
        )
        threshold = closing and sign_at_edge(j, half.edge) == 0
        compiled = ingredients(*half.segment.regions, *edges, half.side, threshold)
        return compiled.bind(half.edge, *self.parameters)

    def at(self, names: tuple[str, ...], half: Half) -> Integrand:
        """Return the integrands of these names as functions of t on a half."""
        left, right = (region == "inside" for region in half.segment.regions)
        key = (names, left, right)
        if key not in self._compositions:
            self._compositions[key] = composition(*key).bind(*self.parameters)
        parts, form = self._ingredients[half], self._compositions[key]
        return lambda t, analytic: form(*parts(t, analytic=analytic), analytic=analytic)

    def _pieces(self) -> Iterator[tuple[Half, Any, Any]]:
        """Yield the pieces [a, b] in t, with ends as balls at the precision in force."""
        for half, squares in self.cuts.items():
            for low, high in pairwise(squares):
                yield half, to_ball(low).sqrt(), to_ball(high).sqrt()

    def sizes(
        self, names: Sequence[str], smallest: Mapping[str, Any] = MappingProxyType({})
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """Return for each integral its absolute size, roughly, and the bits that rounding costs.

        Found by sampling: the size tells how accurate the pieces must be, the bits at what
        precision to work. A size below ``smallest`` counts as that.
        """
        size, noise = ([arb(0)] * len(names) for _ in range(2))
        for half, a, b in self._pieces():
            function = self.at(tuple(names), half)
            for t, weight in _samples(a.mid(), b.mid()):
                for i, value in enumerate(function(acb(t), False)):
                    if value.is_finite():
                        size[i] += abs(value.real.mid()) * weight
                        noise[i] += value.real.rad() * weight
        size = [total.max(smallest.get(n, arb(0))) for n, total in zip(names, size, strict=True)]
        sizes = {name: total.mid() for name, total in zip(names, size, strict=True)}
        lost = map(_lost, size, noise)
        return sizes, dict(zip(names, lost, strict=True))

    def integrate(
        self, names: Sequence[str], sizes: Mapping[str, Any], bits: Mapping[str, int]
    ) -> dict[str, Ball]:
        """Return integrals with errors of about 2^-bits of their ``sizes``."""
        goals = [sizes[name].abs_upper() * arb(2) ** -bits[name] for name in names]
        totals, absolutes = ([arb(0)] * len(names) for _ in range(2))
        for half, a, b in self._pieces():
            pieces, used = integrate(self.at(tuple(names), half), a, b, goals)
            self.evaluations += used
            totals = [total + piece for total, piece in zip(totals, pieces, strict=True)]
            absolutes = [total + abs(piece) for total, piece in zip(absolutes, pieces, strict=True)]
        return {name: Ball(*pair) for name, *pair in zip(names, totals, absolutes, strict=True)}


def _lost(size: Any, noise: Any) -> int:
    """Return by how many bits the relative rounding error exceeds 2^-prec."""
    if size == 0 or noise == 0:
        return 0
    ratio = (noise / size).mid()
    mantissa, exponent = ratio.man_exp()
    return max(0, int(exponent) + int(mantissa).bit_length() + ctx.prec)


def _samples(a: Any, b: Any) -> list[tuple[Any, Any]]:
    """Return points of [a, b] that gather at both ends, and their shares of its length."""
    length = (b - a).mid()
    distances = [(length / 2 / GRADING**k).mid() for k in range(SAMPLES)]
    points = [a, *((a + d).mid() for d in reversed(distances))]
    points += [*((b - d).mid() for d in distances[1:]), b.mid()]
    found = []
    for low, high in pairwise(points):
        found.append((((low + high) / 2).mid(), (high - low).mid()))
    return found


def _edge_of(lead: Any, edge: Fraction) -> str | None:
    if not lead.coupling or edge not in lead.band:
        return None
    return "lower" if edge == lead.band[0] else "upper"


@cache
def _real_part(left: str, right: str) -> Any:
    return lambdify(greens.inverse_green(left, right)[0], backend="flint", variables=1)


def _resonance(j: ExactJunction, half: Half) -> list[Fraction]:
    """Return the energy at which Re 1/G^r changes sign between the ends of the half, about."""
    function = _real_part(*half.segment.regions).bind(*j.parameters.values())
    low, high = sorted((half.edge, half.edge + half.side * half.length))

    def sign(omega: Fraction) -> int:
        value = function(omega)
        return 1 if value > 0 else -1 if value < 0 else 0

    ends = sign(low), sign(high)
    if ends[0] * ends[1] >= 0:
        return []
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        now = sign(middle)
        if now == 0:
            break
        low, high = (middle, high) if now == ends[0] else (low, middle)
    return [middle]


def _cuts(j: ExactJunction, half: Half) -> list[Fraction]:
    """Return t^2 of the ends of the pieces: where integrands change sign or are sharp."""
    energies = [Fraction(0), j.level, j.mu_eq, j.left.mu, j.right.mu]
    slope = 1 / j.left.temperature - 1 / j.right.temperature
    if slope:
        # Where x_L = x_R, the currents' integrands change sign.
        energies.append((j.left.mu / j.left.temperature - j.right.mu / j.right.temperature) / slope)
    energies += _resonance(j, half)
    squares = {half.squared(e) for e in energies}
    inner = {s for s in squares if 0 < s < half.length}
    return [Fraction(0), *sorted(inner), half.length]
