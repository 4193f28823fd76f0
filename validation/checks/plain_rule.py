"""What a plain rule over qbnum's functions of energy gives: moments of A, and the currents twice.

The rule is Gauss-Legendre on panels graded towards the level and the chemical potentials, not
qbnum's own. The currents come from the level's balance, without tau and without Eqs. (7) and (8).
May import: everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

import qbnum
from validation.backends.bands import segments
from validation.checks.base import Check, Context, Row, compare
from validation.exact import ExactJunction

if TYPE_CHECKING:
    from validation.cases import Case

__all__ = ["CHECKS"]

TOLERANCE = 1e-11
"""A plain Gauss-Legendre rule on graded panels, in double precision."""

PANEL = np.polynomial.legendre.leggauss(20)
DECADES = 9
"""Panels shrink by tenths towards a feature, down to this many decades of the bandwidth."""


def _moments(context: Context) -> Iterator[Row]:
    case = context.case
    p = case.parameters
    level, v2_L, v2_R = p["level"], p["left.coupling"] ** 2, p["right.coupling"] ** 2
    expected = (
        1.0,
        level,
        level**2 + v2_L + v2_R,
        level**3 + 2 * level * (v2_L + v2_R) + p["left.onsite"] * v2_L + p["right.onsite"] * v2_R,
    )
    energies, weights = _bands(case.junction)
    states = qbnum.bound_states(case.junction)
    energies = np.concatenate([energies, states.energy.compressed()])
    weights = np.concatenate([weights, states.weight.compressed()])
    size = float(np.max(np.abs(energies)))
    for n, moment in enumerate(expected):
        terms = weights * (energies / size) ** n
        # energy: the moments change sign, and are judged by the integral of |omega|^n A near 0.
        yield compare(
            "moments",
            case,
            "energy" if n % 2 else "spectral_weight",
            float(np.sum(terms)),
            moment / size**n,
            absolute=float(np.sum(np.abs(terms))),
            tolerance=TOLERANCE,
            shown=f"moment {n}, in units of {size:.6g}^{n}: {moment / size**n!r}",
        )


def _continuity(context: Context) -> Iterator[Row]:
    case, state, junction = context.case, context.state, context.case.junction
    omega, weight = _bands(junction)
    f = np.asarray(qbnum.occupation(junction, omega))
    for lead, sign, end in ((junction.left, 1, "leaves L"), (junction.right, -1, "reaches R")):
        rate = sign * weight * np.asarray(qbnum.broadening(lead, omega))
        f_lead = expit((lead.mu - omega) / lead.temperature)
        for name, factor in (("charge_current", 1.0), ("energy_current", omega)):
            terms = rate * factor
            balance = float(np.sum(terms * (f_lead - f)))
            yield compare(
                "continuity",
                case,
                name,
                getattr(state, name),
                balance,
                absolute=float(np.sum(np.abs(terms) * (f_lead + f))),
                tolerance=TOLERANCE,
                shown=f"what {end}: {balance!r}",
            )


def _bands(junction: qbnum.Junction) -> tuple[np.ndarray, np.ndarray]:
    """Return energies in the bands and weights that integrate against A."""
    energies, weights = [], []
    features = np.array([junction.level, junction.left.mu, junction.right.mu], dtype=float)
    graded = np.pi * 10.0 ** -np.arange(0, DECADES, 0.5)
    graded = np.concatenate([[0], graded, -graded])
    for segment in segments(ExactJunction.from_junction(junction)):
        low, high = float(segment.lower), float(segment.upper)
        middle, half = (low + high) / 2, (high - low) / 2
        # omega = middle - half cos k takes the square roots off the edges.
        centres = np.arccos(np.clip((middle - features) / half, -1, 1))
        breaks = np.append((centres[:, None] + graded).ravel(), np.linspace(0, np.pi, 41))
        breaks = np.unique(breaks[(breaks >= 0) & (breaks <= np.pi)])
        width = np.diff(breaks) / 2
        k = (breaks[:-1] + width)[:, None] + width[:, None] * PANEL[0]
        omega = middle - half * np.cos(k)
        # Rounding may have put a node on an edge, or past it.
        inside = (omega > low) & (omega < high)
        measure = (width[:, None] * PANEL[1] * half * np.sin(k))[inside]
        energies.append(omega[inside])
        weights.append(measure * qbnum.spectral_function(junction, omega[inside]))
    return np.concatenate(energies), np.concatenate(weights)


def _plain(case: Case) -> bool:
    """Say whether a rule that knows only of the level and the reservoirs resolves the junction."""
    return case.difficulties <= {
        "smooth",
        "sharp-fermi",
        "two-temperatures",
        "cancellation",
        "tails",
    }


CHECKS = (
    Check(
        name="moments",
        claim="integral omega^n A and the bound states give <0|H^n|0>, n = 0 to 3.",
        tolerance="1e-11: an independent Gauss-Legendre rule over qbnum.spectral_function",
        run=_moments,
        applies=_plain,
    ),
    Check(
        name="continuity",
        claim=(
            "What leaves L, integral Gamma_L A (f_L - f), and what reaches R are both I, and with "
            "omega both J: the level stores nothing."
        ),
        tolerance=(
            "1e-11 of integral Gamma A (f_lead + f): an independent Gauss-Legendre rule over "
            "qbnum's functions of energy"
        ),
        run=_continuity,
        applies=_plain,
    ),
)
