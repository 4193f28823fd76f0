"""Errata of the text about tau and A, Secs. IV and IV A: what each computes.

May import: numpy, scipy, sympy, qbsym, qbnum, validation.paper.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from sympy import Eq, Symbol

import qbnum
import qbsym
from qbsym import symbols as s
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Written
from validation.paper.errata.numbers import CLEARLY, DOUBLE, largest_difference
from validation.paper.protocol import BASE, REGIMES, battery

__all__ = ["ERRATA"]

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""

LOCATED = 1e-6
"""A maximum is located to the square root of an ulp."""

POINTS = np.linspace(-0.99, 0.99, 45)
"""Energies, in units of the half band, at which two functions of omega are held together."""


def _top(function: Any, near: float) -> float:
    found = minimize_scalar(
        lambda omega: -float(function(omega)),
        bounds=(near - 0.05, near + 0.05),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(found.x)


def _tau(omega: float) -> float:
    return float(qbnum.transmission(EMPTY, omega))


def _position_numbers() -> tuple[Comparison, ...]:
    level = REGIMES["empty"]
    s_half = (BASE["coupling"] / BASE["hopping"]) ** 2
    tau_top = _top(_tau, level)
    a_top = _top(lambda omega: qbnum.spectral_function(EMPTY, omega), level)
    tau_printed = numbers.compiled(qbsym.printed_transmission())
    parameters = tuple(EMPTY.parameters.values())
    printed_top = _top(lambda omega: tau_printed(omega, *parameters), level)
    return (
        Comparison(
            "energy where tau is largest, and level/(1 - v^2/h^2)",
            tau_top,
            level / (1 - s_half),
            tolerance=LOCATED,
        ),
        Comparison(
            "energy where tau is largest, and the level", tau_top, level, "differs from", CLEARLY
        ),
        Comparison("tau there, and 1", _tau(level / (1 - s_half)), 1.0, tolerance=DOUBLE),
        Comparison("tau at the level itself, and 1", _tau(level), 1.0, "is below", CLEARLY),
        Comparison(
            "energy where A is largest, and where tau is", a_top, tau_top, "is above", LOCATED
        ),
        Comparison(
            "energy where tau is largest with the printed Sigma, and level/(1 + v^2/h^2)",
            printed_top,
            level / (1 + s_half),
            tolerance=LOCATED,
        ),
    )


def _position_consequence() -> Consequence:
    level = REGIMES["empty"]
    shift = _top(_tau, level) - level
    return Consequence(
        f"At level {level} the peak is {shift:.4f} above it, {shift / _width():.0%} of its full "
        f"width, and tau at the level is {_tau(level):.3f}. mu_L = level is not quite where "
        "mu_L meets the peak. The figures do not change."
    )


def _width() -> float:
    """Return the full width at half maximum of tau."""
    top = _top(_tau, REGIMES["empty"])
    half = _tau(top) / 2
    lower = brentq(lambda omega: _tau(omega) - half, top - 0.1, top)
    upper = brentq(lambda omega: _tau(omega) - half, top, top + 0.1)
    return float(upper - lower)


def _width_numbers() -> tuple[Comparison, ...]:
    level = REGIMES["empty"]
    total = 2 * float(qbnum.broadening(EMPTY.left, level))
    slope = 1 - (BASE["coupling"] / BASE["hopping"]) ** 2
    return (
        # Gamma changes across the peak: second order in the width, (Gamma/2h)^2.
        Comparison(
            "full width of tau at half maximum, and (Gamma_L + Gamma_R)/(1 - v^2/h^2)",
            _width(),
            total / slope,
            tolerance=(total / BASE["hopping"]),
        ),
        Comparison(
            "full width, and the printed (Gamma_L + Gamma_R)/2",
            _width(),
            total / 2,
            "differs from",
            0.1,
        ),
    )


def _width_consequence() -> Consequence:
    total = 2 * float(qbnum.broadening(EMPTY.left, REGIMES["empty"]))
    return Consequence(
        f"At level 0.4 the full width is {_width():.4f}, the printed measure {total / 2:.4f}. No "
        "figure depends on it."
    )


# --- The symmetry of A ---------------------------------------------------------------------------


def _symmetry_numbers() -> tuple[Comparison, ...]:
    level = REGIMES["empty"]
    other = battery(-level, bias=0.5)
    centred = battery(0.0)
    omega = 2 * POINTS
    here, there = (qbnum.spectral_function(EMPTY, sign * omega) for sign in (1, -1))
    return (
        Comparison(
            f"largest difference of A(-omega; {-level}) from A(omega; {level})",
            largest_difference(qbnum.spectral_function(other, -omega), here),
            0.0,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            "largest difference of A(-omega) from A(omega), level at the band centre",
            largest_difference(
                qbnum.spectral_function(centred, -omega), qbnum.spectral_function(centred, omega)
            ),
            0.0,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            f"largest difference of A(-omega) from A(omega), level {level}",
            largest_difference(there, here),
            0.0,
            "differs from",
            0.1,
            scale=1.0,
        ),
    )


def _symmetry_consequence() -> Consequence:
    mirrored = qbnum.steady_state(battery(-0.4, bias=-0.5, mu_eq=-0.1)).exergy
    here = qbnum.steady_state(EMPTY).exergy
    return Consequence(
        "None for the figures: mu_eq off the band centre does avoid the symmetric case, as "
        "intended. What the model conserves is X under reflection of every energy, levels and "
        f"chemical potentials: {float(here):.6f} and {float(mirrored):.6f}."
    )


_top_at = Symbol("omega_max")
_level, _onsite = Symbol("epsilon_QB"), Symbol("epsilon")

ERRATA = (
    Erratum(
        slug="peak-position",
        kind="imprecise",
        where="Sec. IV A",
        summary="peak at omega = eps_QB → at eps_QB/(1 - v²/h²)",
        printed=Eq(_top_at, _level, evaluate=False),
        right=Eq(
            _top_at,
            _onsite + (_level - _onsite) / (1 - s.coupling**2 / s.hopping**2),
            evaluate=False,
        ),
        why="The leads shift the resonance by Re Sigma, linear in omega inside the band. For equal "
        "leads tau = 1 exactly at the shifted place; A, whose Gamma grows or falls there, peaks a "
        "little further out.",
        proofs=("peak",),
        demonstrate=_position_numbers,
        consequence=_position_consequence,
    ),
    Erratum(
        slug="peak-width",
        kind="imprecise",
        where="Sec. IV A",
        summary="width (Gamma_L + Gamma_R)/2 → that is the half width",
        printed=Eq(Symbol("width"), (s.Gamma_L + s.Gamma_R) / 2, evaluate=False),
        right=Eq(Symbol("width"), s.Gamma_L + s.Gamma_R, evaluate=False),
        why="A and tau are Lorentzians in Re 1/G^r that fall to half at +-(Gamma_L + Gamma_R)/2: "
        "the full width at half maximum is twice what is printed.",
        proofs=("peak",),
        demonstrate=_width_numbers,
        consequence=_width_consequence,
    ),
    Erratum(
        slug="band-symmetry",
        kind="imprecise",
        where="Sec. IV",
        summary="A(omega) = A(-omega) → A(omega; level) = A(-omega; -level)",
        printed=Written("A(omega) = A(-omega)", r"A(\omega) = A(-\omega)"),
        right=Written(
            "A(omega; eps_QB) = A(2 eps_a - omega; 2 eps_a - eps_QB)",
            r"A(\omega; \varepsilon_{QB}) = "
            r"A(2\varepsilon_a - \omega; 2\varepsilon_a - \varepsilon_{QB})",
        ),
        why="The symmetry relates two junctions. At a fixed level A is even about the band centre "
        "only if the level is there.",
        proofs=("spectral_reflection", "particle_hole"),
        demonstrate=_symmetry_numbers,
        consequence=_symmetry_consequence,
    ),
)
