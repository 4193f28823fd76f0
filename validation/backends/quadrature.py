"""Integrals over one segment after another, each by two rules that must agree.

On every panel of a mesh graded to the singularities, a Gauss-Legendre sum and a tanh-sinh sum at a
higher working precision are compared; panels on which they disagree are bisected. All integrands
are summed at once. May import: mpmath, qbsym, validation.exact, validation.backends.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from mpmath import mp, mpc, mpf

from qbsym.callables import integrands
from qbsym.observables import INTEGRALS
from validation.backends import features, rules
from validation.backends.bands import Segment
from validation.exact import ExactJunction
from validation.metrics import SIGN_CHANGING

__all__ = ["Integrands", "Panel", "Total", "integrate", "panels", "probe"]

Vector = list[mpf]

MAX_DEPTH = 24
"""Bisections of one panel before its disagreement is left to stand in the error."""

MAX_EVALUATIONS = 200_000
"""Evaluations of the integrands for one junction: a minute, and far beyond what any case needs."""

SLOW, FAST = "mpmath", "gmpy2"
"""The arithmetics of the Gauss and of the tanh-sinh sums: not even a library is shared."""

MAX_FAST_EXPONENT = 10**17
"""Beyond exp(3e18) MPFR overflows; then mpmath, whose exponents are unbounded, does both sums."""

AHEAD = 6
"""Decimal digits by which the tanh-sinh sum is the better of the two, so that their difference is
the error of the Gauss sum and not the chance that two errors of one size are alike."""

SPARE = 12
"""Decimal digits between the two working precisions."""

_MAY_CANCEL = tuple(name in SIGN_CHANGING or "current" in name for name in INTEGRALS)


@dataclass(frozen=True)
class Panel:
    """A piece [start, end] of theta in a segment, measured from the nearer of its two edges."""

    segment: Segment
    from_upper: bool
    start: mpf
    end: mpf
    steps: int
    depth: int = 0

    def halves(self) -> tuple[Panel, Panel]:
        """Return the two halves."""
        middle = (self.start + self.end) / 2
        return (
            replace(self, end=middle, depth=self.depth + 1),
            replace(self, start=middle, depth=self.depth + 1),
        )


class Integrands:
    """The integrands of one junction, as functions of omega, and a count of their evaluations.

    Parameters
    ----------
    j : ExactJunction
        Its idle leads moved away (`bands.without_idle_leads`).
    vanishing : collection of str
        Integrals that are exactly zero, where arithmetic would leave noise: they are held at zero.
    """

    def __init__(self, j: ExactJunction, vanishing: Collection[str] = ()) -> None:  # noqa: D107
        self.parameters = tuple(j.parameters.values())
        self.vanishing = tuple(i for i, name in enumerate(INTEGRALS) if name in vanishing)
        self.evaluations = 0
        self._bound: dict[tuple[str, str, str], Any] = {}
        steepest = max(
            (abs(edge - mu) / temperature)
            for mu, temperature in (
                (j.left.mu, j.left.temperature),
                (j.right.mu, j.right.temperature),
                (j.mu_eq, j.temperature_eq),
            )
            for lead in (j.left, j.right)
            for edge in lead.band
        )
        self.fast = FAST if steepest < MAX_FAST_EXPONENT else SLOW

    @property
    def exhausted(self) -> bool:
        """Whether no panel should be bisected any more."""
        return self.evaluations > MAX_EVALUATIONS

    def at(self, segment: Segment, arithmetic: str) -> Any:
        """Return the function of omega on a segment, in an arithmetic that `qbsym` offers."""
        key = (*segment.regions, arithmetic)
        if key not in self._bound:
            self._bound[key] = integrands(*key).bind(*self.parameters)
        return self._bound[key]


@dataclass
class Total:
    """Integrals of one kind: values, integrals of absolute values, bounds of the error."""

    value: Vector = field(default_factory=lambda: [mpf(0)] * len(INTEGRALS))
    absolute: Vector = field(default_factory=lambda: [mpf(0)] * len(INTEGRALS))
    error: Vector = field(default_factory=lambda: [mpf(0)] * len(INTEGRALS))

    def add(self, other: Total) -> None:
        """Add another total to this one."""
        for name in ("value", "absolute", "error"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, [a + b for a, b in zip(mine, theirs, strict=True)])


def panels(
    found: Sequence[Segment], singular: Sequence[Sequence[mpc]], digits: int
) -> tuple[list[Panel], int]:
    """Return the mesh over all segments, and the Gauss order that suits it.

    Of the orders on offer the one is taken whose mesh needs the fewest evaluations.

    Parameters
    ----------
    found : sequence of Segment
    singular : sequence of sequence of mpc
        The singularities in theta of each segment. One closer than 10^-(digits + 5) to theta = 0
        or pi is left out: there sin(theta) removes it but for a contribution of its own size.
    digits : int
        Accuracy of the quadrature.
    """
    negligible = mpf(10) ** -(digits + 5)
    kept = [[z for z in points if min(abs(z), abs(z - mp.pi)) > negligible] for points in singular]
    best: tuple[float, list[Panel], int] | None = None
    for nodes in rules.GAUSS_NODES:
        rho = rules.sharpness(digits + 2, nodes)
        if not 1.7 <= rho <= 8:
            continue
        mesh = [
            panel
            for segment, points in zip(found, kept, strict=True)
            for panel in _segment_panels(segment, points, rho, digits)
        ]
        expense = cost(mesh, nodes)
        if best is None or expense < best[0]:
            best = expense, mesh, nodes
    assert best is not None
    return best[1], best[2]


def cost(mesh: Sequence[Panel], nodes: int) -> float:
    """Return the evaluations that both rules together need on a mesh, about."""
    return sum(nodes + 8 * panel.steps for panel in mesh)


def affordable(mesh: Sequence[Panel], nodes: int) -> bool:
    """Return whether a mesh is within the budget of evaluations."""
    return cost(mesh, nodes) <= MAX_EVALUATIONS


def _segment_panels(
    segment: Segment, singular: Sequence[mpc], rho: float, digits: int
) -> Iterator[Panel]:
    breakpoints = rules.graded_mesh(singular, +mp.pi, rho)
    if len(breakpoints) == 2:
        # A panel may touch only one edge, from which it is measured.
        breakpoints.insert(1, mp.pi / 2)
    for start, end in pairwise(breakpoints):
        middle, half = (start + end) / 2, (end - start) / 2
        strip = rules.strip_half_width([complex((z - middle) / half) for z in singular])
        steps = 8 * math.ceil((digits + AHEAD) * math.log(10) / (2 * math.pi * strip) / 8)
        last = end == breakpoints[-1]
        if start <= mp.pi - end and not last:
            yield Panel(segment, False, start, end, steps)
        else:
            yield Panel(segment, True, mpf(0) if last else mp.pi - end, mp.pi - start, steps)


def _precision(panel: Panel, working: int, depth_of_nodes: int) -> int:
    """Return the digits at which the panel's nodes keep their distance to the band edge.

    At theta the distance is of order theta^2 and is formed by subtraction of energies of order 1.
    """
    if panel.start:
        return working + max(0, 2 * math.ceil(-math.log10(float(panel.start))))
    return working + 2 * math.ceil(max(0.0, -math.log10(float(panel.end)))) + depth_of_nodes


def _samples(
    of: Integrands, panel: Panel, rule: rules.Rule, digits: int, arithmetic: str
) -> tuple[Vector, list[tuple[mpf, ...]]]:
    """Return the weights d(omega) at the rule's nodes and the integrands there."""
    function = of.at(panel.segment, arithmetic)
    of.evaluations += len(rule)
    with mp.workdps(digits):
        lower = features.to_mpf(panel.segment.lower)
        upper = features.to_mpf(panel.segment.upper)
        width = upper - lower
        half = (panel.end - panel.start) / 2
        weights, values = [], []
        for distance, weight in rule:
            theta = panel.start + half * distance
            cosine, sine = mp.cos_sin(theta / 2)
            offset = width * sine * sine
            omega = upper - offset if panel.from_upper else lower + offset
            weights.append(weight * half * width * sine * cosine)
            values.append(function(omega))
        return weights, values


def _sums(weights: Vector, values: list[tuple[mpf, ...]]) -> tuple[Vector, Vector]:
    """Return the weighted sums of the columns and of their absolute values."""
    columns = list(zip(*values, strict=True))
    sums = [mp.fdot(weights, column) for column in columns]
    absolute = [
        mp.fdot(weights, map(abs, column)) if cancels else abs(total)
        for column, total, cancels in zip(columns, sums, _MAY_CANCEL, strict=True)
    ]
    return sums, absolute


def probe(of: Integrands, mesh: Sequence[Panel], working: int) -> tuple[Total, Total]:
    """Return a crude value of the integrals and what rounding does to them at ``working`` digits.

    Three nodes a panel, each evaluated at two precisions: the second total's values are the
    differences, its absolute values those of the integrands.
    """
    crude, rounding = Total(), Total()
    for panel in mesh:
        rule = rules.gauss_legendre(3, 16)
        near = [
            _samples(of, panel, rule, _precision(panel, digits, 0), of.fast)
            for digits in (working, working + SPARE)
        ]
        (_, low), (weights, high) = near
        with mp.workdps(working + SPARE):
            sums, absolute = _sums(weights, high)
        for i in of.vanishing:
            sums[i] = absolute[i] = mpf(0)
        with mp.workdps(working + SPARE):
            crude.add(Total(sums, absolute))
        size = mp.fsum(weights)
        for i in range(len(INTEGRALS)):
            if i in of.vanishing:
                continue
            gaps = (abs(a[i] - b[i]) for a, b in zip(low, high, strict=True))
            rounding.value[i] += size * max(gaps)
            rounding.absolute[i] += absolute[i]
    return crude, rounding


def integrate(
    of: Integrands, mesh: Sequence[Panel], nodes: int, digits: int, working: int
) -> Total:
    """Return all integrals to ``digits`` of the integral of their absolute values.

    Parameters
    ----------
    of : Integrands
        Charged with every evaluation; once exhausted, disagreements are left to stand.
    mesh : sequence of Panel
    nodes : int
        Gauss order.
    digits : int
        Accuracy of the quadrature.
    working : int
        Digits of the arithmetic of the Gauss sums; the tanh-sinh sums have `SPARE` more.

    Returns
    -------
    Total
        Values of the Gauss sums, with the disagreements' sum plus a floor of rounding as error.
    """
    pending = [(panel, _both(of, panel, nodes, digits, working)) for panel in mesh]
    total = Total()
    for _, part in pending:
        total.add(part)
    tolerance = [size * mpf(10) ** -digits / 4 for size in total.absolute]
    finished = Total()
    while pending:
        panel, part = pending.pop()
        agrees = all(e <= t for e, t in zip(part.error, tolerance, strict=True))
        if agrees or panel.depth >= MAX_DEPTH or of.exhausted:
            finished.add(part)
        else:
            pending += [(half, _both(of, half, nodes, digits, working)) for half in panel.halves()]
    # What both rules share is the rounding of the working precision.
    floor = mpf(10) ** -(digits + 3)
    finished.error = [
        2 * error + size * floor
        for error, size in zip(finished.error, finished.absolute, strict=True)
    ]
    return finished


def _both(of: Integrands, panel: Panel, nodes: int, digits: int, working: int) -> Total:
    gauss = rules.gauss_legendre(nodes, digits)
    other = rules.tanh_sinh(panel.steps, digits + AHEAD)
    fine, finer = (
        _precision(panel, working, SPARE),
        _precision(panel, working + SPARE, digits + AHEAD + 3),
    )
    value, absolute = _sums(*_samples(of, panel, gauss, fine, SLOW))
    second, _ = _sums(*_samples(of, panel, other, finer, of.fast))
    error = [abs(a - b) for a, b in zip(value, second, strict=True)]
    for i in of.vanishing:
        value[i] = absolute[i] = error[i] = mpf(0)
    return Total(value, absolute, error)
