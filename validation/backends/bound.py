"""Bound states: real poles of G^r outside the bands, with their weights.

1/G^r = F(omega) is strictly increasing in every gap of the spectrum, so that each gap holds at most
one; whether it does is decided exactly in `validation.backends.bands`. Sec. III of the paper,
weights Z = 1/F'(omega_b). May import: mpmath, validation.exact, .enclosure, .errors, .backends.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mpmath import mp, mpf

from validation.backends.bands import Gap, gaps_with_bound_state, without_idle_leads
from validation.backends.features import inverse_green, to_fraction, to_mpf
from validation.enclosure import Enclosure
from validation.errors import PrecisionNotReachedError
from validation.exact import ExactJunction

__all__ = ["BoundState", "bound_states"]

MAX_DIGITS = 2000
"""Working precision beyond which a bound state is not pursued towards its band edge."""

SPARE = 15
"""Decimal digits of arithmetic beyond those asked."""


@dataclass(frozen=True)
class BoundState:
    """A bound state of the junction.

    Parameters
    ----------
    energy : Enclosure
        omega_b, outside both bands.
    weight : Enclosure
        Z_b = 1/F'(omega_b), between 0 and 1: its share of the level's spectral function.
    """

    energy: Enclosure
    weight: Enclosure


def bound_states(j: ExactJunction, digits: int) -> tuple[BoundState, ...]:
    """Return the bound states in order of energy, each to ``digits``.

    The energy is accurate relative to its distance from the nearest band edge, the weight relative
    to itself. With both couplings zero the level itself is one, of weight 1.

    Raises
    ------
    PrecisionNotReachedError
        A bound state lies so close to an edge that `MAX_DIGITS` do not resolve it.
    """
    j = without_idle_leads(j)
    if not (j.left.coupling or j.right.coupling):
        with mp.workdps(digits + SPARE):
            energy, one = to_mpf(j.level), mpf(1)
            exact = to_fraction(energy) == j.level
            radius = mpf(0) if exact else abs(energy) * mpf(10) ** -(digits + SPARE)
        return (
            BoundState(
                Enclosure(energy, radius, abs(energy), exact, "mpmath", digits),
                Enclosure(one, mpf(0), one, True, "mpmath", digits),
            ),
        )
    return tuple(_solve(j, gap, digits) for gap in gaps_with_bound_state(j))


def _solve(j: ExactJunction, gap: Gap, digits: int) -> BoundState:
    """Find t > 0 with F(edge +- t^2) = 0; the precision follows the distance t^2 to the edge."""
    edge, outward, longest = _bracket(j, gap)
    working = digits + SPARE
    while working <= MAX_DIGITS:
        with mp.workdps(working):
            root = _Shifted(j, gap, edge, outward)
            t = root.zero(mp.sqrt(to_mpf(longest)))
            # omega - edge = t^2 is formed by subtraction from energies of order `scale`.
            scale = max(abs(to_mpf(edge)), to_mpf(longest), abs(to_mpf(j.level)))
            lost = 0 if t == 0 else max(0, int(mp.ceil(2 * mp.log10(scale / t**2))))
            if t > 0 and working >= digits + SPARE + lost:
                return root.state(t, digits)
        working = max(2 * working, digits + SPARE + lost)
    raise PrecisionNotReachedError(
        f"a bound state lies within 10^-{MAX_DIGITS // 4} of the band edge {float(edge)!r}: "
        "its weight cannot be given; move the level or the coupling off the threshold",
        "bound states",
        digits,
        0,
    )


def _bracket(j: ExactJunction, gap: Gap) -> tuple[Fraction, int, Fraction]:
    """Return the edge to measure from, the direction away from it, and the longest distance."""
    # |Re Sigma| <= v^2/h outside a band, so that the root is this close to the level.
    reach = sum((lead.coupling**2 / lead.hopping for lead in (j.left, j.right)), start=Fraction(0))
    if gap.lower is None:
        assert gap.upper is not None
        return gap.upper, -1, gap.upper - (j.level - reach) + reach
    if gap.upper is None:
        return gap.lower, 1, (j.level + reach) - gap.lower + reach
    middle = (gap.lower + gap.upper) / 2
    with mp.workdps(50):
        rising = inverse_green(j, gap.regions)(to_mpf(middle))[0] > 0
    return (gap.lower, 1, gap.upper - gap.lower) if rising else (
        gap.upper, -1, gap.upper - gap.lower
    )  # fmt: skip


class _Shifted:
    """F as a function of t, omega = edge + outward t^2, at the precision in force."""

    def __init__(self, j: ExactJunction, gap: Gap, edge: Fraction, outward: int) -> None:
        self.function = inverse_green(j, gap.regions)
        self.edge = to_mpf(edge)
        self.outward = outward

    def omega(self, t: mpf) -> mpf:
        return self.edge + self.outward * t * t

    def value_and_slope(self, t: mpf) -> tuple[mpf, mpf]:
        """Return outward F, which increases with t, and its derivative."""
        value, slope = self.function(self.omega(t))
        return self.outward * value, 2 * t * slope

    def zero(self, longest: mpf) -> mpf:
        """Return the zero in (0, longest] by Newton's iteration kept inside a shrinking bracket."""
        low, high = mpf(0), longest
        t = longest / 2
        for _ in range(20 * mp.dps):
            if self.omega(t) == self.edge:
                return mpf(0)
            value, slope = self.value_and_slope(t)
            if value < 0:
                low = t
            else:
                high = t
            following = t - value / slope
            if not low < following < high:
                following = (low + high) / 2
            if abs(following - t) <= t * mpf(10) ** (5 - mp.dps) or following in (low, high):
                return following
            t = following
        return t

    def state(self, t: mpf, digits: int) -> BoundState:
        """Return the bound state at t, its radius confirmed by a change of sign across it."""
        margin = t * mpf(10) ** -(digits + 3)
        below, above = (self.value_and_slope(t + s * margin)[0] for s in (-1, 1))
        if not below < 0 < above:
            raise PrecisionNotReachedError(
                "the bound state's energy is not confirmed by a change of sign; "
                "ask for fewer digits",
                "bound states",
                digits,
                0,
            )
        energy = self.omega(t)
        weights = [1 / self.function(self.omega(t + s * margin))[1] for s in (-1, 0, 1)]
        spread = 2 * max(abs(weights[0] - weights[1]), abs(weights[2] - weights[1]))
        return BoundState(
            Enclosure(energy, 3 * t * margin, abs(energy), False, "mpmath", digits),
            Enclosure(weights[1], spread, weights[1], False, "mpmath", digits),
        )
