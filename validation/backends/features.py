"""Where the integrands are hard: their singularities in the complex plane of theta.

On each segment omega = middle - half cos(theta), theta in [0, pi], which removes the square roots
at the segment's own edges. What remains near the real axis: poles of G^r, poles of the Fermi
functions, branch points of ln f and ln(1 - f), edges of the other lead's band. The quadrature's
mesh follows them; a wrong guess here costs time, or shows as two quadratures that disagree.
May import: mpmath, qbsym, validation.exact, .enclosure, validation.backends.bands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath import mp, mpc, mpf
from sympy import diff

from qbsym import greens, symbols
from qbsym.callables import lambdify
from validation.backends.bands import Segment
from validation.enclosure import to_fraction
from validation.exact import ExactJunction, ExactLead

__all__ = ["inverse_green", "singularities", "to_fraction", "to_mpf"]

NEWTON_STEPS = 60
SEEDS = 7
"""Starting points of Newton's iteration along the segment, besides the level itself."""


def to_mpf(value: Fraction) -> mpf:
    """Return a fraction rounded once at the precision in force."""
    return mpf(value.numerator) / value.denominator


@cache
def _compiled_inverse(left: str, right: str) -> Any:
    inverse = 1 / greens.green_retarded(left, right)
    expressions = [inverse, diff(inverse, symbols.omega)]
    return lambdify(expressions, (symbols.omega, *symbols.PARAMETERS), "mpmath", variables=1)


def inverse_green(j: ExactJunction, regions: tuple[str, str]) -> Callable[..., tuple[Any, Any]]:
    """Return 1/G^r and its derivative as a function of omega, real or complex."""
    bound: Callable[..., tuple[Any, Any]] = _compiled_inverse(*regions).bind(*j.parameters.values())
    return bound


def singularities(j: ExactJunction, segment: Segment, bound_energies: Iterable[mpf]) -> list[mpc]:
    """Return the singularities that matter on a segment, in theta, with their mirror images.

    Parameters
    ----------
    j : ExactJunction
    segment : Segment
    bound_energies : iterable of mpf
        Poles of G^r on the real axis outside the bands.

    Notes
    -----
    Works at the precision in force, which must resolve the narrowest of them.
    """
    lower, upper = to_mpf(segment.lower), to_mpf(segment.upper)
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    points = [*_fermi_points(j, segment), *_other_edges(j, segment), *bound_energies]
    thetas = [mp.acos(mpc(middle - point) / half) for point in points]
    thetas += _resonances(j, segment)
    images = _edge_branch_points(j, segment)
    for theta in thetas:
        # The integrands are real and even in theta, with period 2 pi.
        folded = mpc(theta.real - 2 * mp.pi * mp.nint(theta.real / (2 * mp.pi)), abs(theta.imag))
        mirrored = mpc(-folded.real, folded.imag)
        images += [folded, mirrored, (mirrored if folded.real > 0 else folded) + 2 * mp.pi]
    return images


def _other_edges(j: ExactJunction, segment: Segment) -> list[mpf]:
    edges = {edge for lead in (j.left, j.right) if lead.coupling for edge in lead.band}
    return [to_mpf(edge) for edge in edges - {segment.lower, segment.upper}]


def _fermi_points(j: ExactJunction, segment: Segment) -> list[mpc]:
    """Poles of the Fermi functions nearest to the axis, and the zeros of f and of 1 - f.

    A mu outside the segment is doubled by one at its nearer edge, where the tail of its Fermi
    function is as steep as at mu itself.
    """
    lower, upper = to_mpf(segment.lower), to_mpf(segment.upper)
    reservoirs = [(j.mu_eq, j.temperature_eq)]
    open_leads = [
        lead
        for lead, where in zip((j.left, j.right), segment.regions, strict=True)
        if where == "inside"
    ]
    reservoirs += [(lead.mu, lead.temperature) for lead in open_leads]
    points = []
    for mu_exact, temperature_exact in dict.fromkeys(reservoirs):
        mu, height = to_mpf(mu_exact), mp.pi * to_mpf(temperature_exact)
        points.append(mpc(mu, height))
        nearest = min(max(mu, lower), upper)
        if nearest != mu:
            points.append(mpc(nearest, height))
    if len(open_leads) == 2:
        points += _log_branch_points(open_leads, lower, upper)
    return points


def _broadening(lead: ExactLead, omega: mpf) -> mpf:
    bottom, top = (to_mpf(edge) for edge in lead.band)
    return to_mpf(lead.coupling**2 / lead.hopping**2) * mp.sqrt((omega - bottom) * (top - omega))


def _log_branch_points(leads: Sequence[ExactLead], lower: mpf, upper: mpf) -> list[mpc]:
    """Zeros of Gamma_L f_L + Gamma_R f_R and of its complement inside, taking Gamma as constant."""
    points = []
    inset = (upper - lower) / 1000
    for lead, other in (leads, leads[::-1]):
        mu, temperature = to_mpf(lead.mu), to_mpf(lead.temperature)
        at = min(max(mu, lower + inset), upper - inset)
        shift = temperature * mp.log(1 + _broadening(lead, at) / _broadening(other, at))
        points += [mpc(mu + sign * shift, mp.pi * temperature) for sign in (1, -1)]
    first, second = leads
    slope = 1 / first.temperature - 1 / second.temperature
    if slope:
        # Where the two exponents cross: exp(x_L - x_R) = -(Gamma_L/Gamma_R)^(+-1).
        crossing = to_mpf((first.mu / first.temperature - second.mu / second.temperature) / slope)
        at = min(max(crossing, lower + inset), upper - inset)
        ratio = mp.log(_broadening(first, at) / _broadening(second, at)) / to_mpf(slope)
        height = mp.pi / abs(to_mpf(slope))
        points += [mpc(crossing + sign * ratio, height) for sign in (1, -1)]
    return points


def _edge_branch_points(j: ExactJunction, segment: Segment) -> list[mpc]:
    """Zeros of the same two sums just beyond an edge at which one lead opens as Gamma ~ theta.

    Negative theta continues that Gamma to negative values: the sums vanish where it has grown to
    the other lead's, which is close if the other lead is nearly empty (or full) there.
    """
    if not segment.both_open:
        return []
    half = to_mpf((segment.upper - segment.lower) / 2)
    points = []
    for opening, other in ((j.left, j.right), (j.right, j.left)):
        for edge, start, outward in ((segment.lower, 0, -1), (segment.upper, +mp.pi, 1)):
            if edge not in opening.band or edge in other.band:
                continue
            omega = to_mpf(edge)
            growth = to_mpf(opening.coupling**2 / opening.hopping**2) * mp.sqrt(
                2 * to_mpf(opening.hopping) * half
            )
            ratio = _broadening(other, omega) / growth
            for sign in (1, -1):
                filling, others = (
                    1 / (1 + mp.exp(sign * (omega - to_mpf(lead.mu)) / to_mpf(lead.temperature)))
                    for lead in (opening, other)
                )
                beyond = ratio * others / filling
                if beyond < 1:
                    points.append(mpc(start + outward * beyond))
    return points


def _resonances(j: ExactJunction, segment: Segment) -> list[mpc]:
    """Poles of G^r, continued from the segment: Newton's iteration in theta from several seeds."""
    lower, upper = to_mpf(segment.lower), to_mpf(segment.upper)
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    inverse = inverse_green(j, segment.regions)
    seeds = [mp.pi * (k + mpf(1) / 2) / SEEDS + mpc(0, 0.2) for k in range(SEEDS)]
    seeds.append(mp.acos(mpc(middle - to_mpf(j.level)) / half) + mpc(0, mp.eps))
    found: list[mpc] = []
    for theta in seeds:
        for _ in range(NEWTON_STEPS):
            sine = mp.sin(theta)
            try:
                value, slope = inverse(middle - half * mp.cos(theta))
                step = value / (slope * half * sine)
            except ZeroDivisionError:
                break  # on an edge itself
            if abs(step) > 1:
                step /= abs(step)
            theta -= step
            if abs(step) <= abs(theta.imag) / 1000:
                if all(abs(theta - known) > abs(theta.imag) / 100 for known in found):
                    found.append(theta)
                break
    return found
