"""Errata of the thermodynamics: Eqs. (2), (13) and (A5): what each computes.

May import: numpy, scipy, sympy, qbsym, qbnum, validation.paper.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, rel_entr
from sympy import Eq, Expr, Symbol, exp, log

import qbnum
from qbnum import Junction
from qbsym import symbols as s
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Shift
from validation.paper.errata.numbers import CLEARLY, DOUBLE
from validation.paper.protocol import BASE, FIG_8, REGIMES, battery

__all__ = ["ERRATA"]

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""


# --- The sign in (2) -----------------------------------------------------------------------------


def _identity_numbers() -> tuple[Comparison, ...]:
    state, t, mu = qbnum.steady_state(EMPTY), BASE["temperature_eq"], BASE["mu_eq"]
    particles = float(state.particle_number - state.equilibrium_particle_number)
    energy = float(state.energy - state.equilibrium_energy) / t
    entropy = float(state.entropy - state.equilibrium_entropy)
    exergy = float(state.exergy)
    printed, right = (energy + sign * mu * particles / t - entropy for sign in (1, -1))
    return (
        Comparison("Eq. (2) with minus, and Eq. (13)", right, exergy, tolerance=DOUBLE, scale=1.0),
        Comparison("Eq. (2) as printed, and Eq. (13)", printed, exergy, "differs from", CLEARLY),
        Comparison(
            "what the printed sign adds, and 2 mu (N - N_eq)/T",
            printed - exergy,
            2 * mu * particles / t,
            tolerance=DOUBLE,
            scale=1.0,
        ),
    )


def _from_printed_identity(junction: Junction) -> dict[str, object]:
    state = qbnum.steady_state(junction)
    particles = state.particle_number - state.equilibrium_particle_number
    return {"exergy": state.exergy + 2 * junction.mu_eq * particles / junction.temperature_eq}


def _identity_consequence() -> Consequence:
    moved = numbers.shifts(_from_printed_identity, only=("Fig. 5c", "Fig. 6"))
    return Consequence(
        "None if the exergy is computed from Eq. (13), which has no such term. Computed from Eq. "
        f"(2) as printed it would be off by up to {moved[1].change:.3f} in Fig. 6.",
        moved,
    )


# --- f_eq in (A5) --------------------------------------------------------------------------------


def _reference_numbers() -> tuple[Comparison, ...]:
    rest = battery(REGIMES["empty"])
    as_level = qbnum.steady_state(rest, two_state_reference="level")
    as_number = qbnum.steady_state(rest)
    d = float(as_number.equilibrium_particle_number)
    p = float(expit((BASE["mu_eq"] - REGIMES["empty"]) / BASE["temperature_eq"]))
    by_hand = float(rel_entr(d, p) + rel_entr(1 - d, 1 - p))
    return (
        Comparison("X at equilibrium, and 0", float(as_number.exergy), 0.0, tolerance=0.0),
        Comparison("(A5) at equilibrium with d_eq, and 0", float(as_number.two_state_exergy), 0.0),
        Comparison(
            "(A5) at equilibrium with f_eq(eps_QB), and the relative entropy of d_eq to it",
            float(as_level.two_state_exergy),
            by_hand,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            "(A5) at equilibrium with f_eq(eps_QB), and 0",
            float(as_level.two_state_exergy),
            0.0,
            "is above",
        ),
        Comparison(
            "the gap X - (A5) at equilibrium with f_eq(eps_QB), and 0",
            float(as_level.exergy_gap),
            0.0,
            "is below",
        ),
    )


def _reference_consequence() -> Consequence:
    moved = []
    for panel, coupling in (("Fig. 8a", 0.12), ("Fig. 8b", 0.06)):
        junctions = battery(
            FIG_8["level"], bias=numbers.BIASES, mu_eq=FIG_8["mu_eq"], coupling=coupling
        )
        mean = qbnum.steady_state(junctions).two_state_exergy
        level = qbnum.steady_state(junctions, two_state_reference="level").two_state_exergy
        change = float(np.abs(level - mean).max())
        moved.append(Shift(panel, "two_state_exergy", change, float(mean.max())))
    return Consequence(
        "The two readings of the two-state exergy differ by up to "
        + " and ".join(f"{shift.change:.3f} in {shift.figure}" for shift in moved)
        + ". Which one the figure shows, the text does not say.",
        tuple(moved),
    )


# --- Which f_eq in (13) --------------------------------------------------------------------------


def _other_equilibrium(junction: Junction) -> Junction:
    """Return the junction with the left reservoir as its equilibrium."""
    left = junction.left
    return Junction(junction.level, left, junction.right, left.mu, left.temperature)


def _equilibrium_numbers() -> tuple[Comparison, ...]:
    right = float(qbnum.steady_state(EMPTY).exergy)
    left = float(qbnum.steady_state(_other_equilibrium(EMPTY)).exergy)
    rest = battery(REGIMES["empty"])
    return (
        Comparison("X with f_eq = f_R, and with f_eq = f_L", right, left, "differs from", CLEARLY),
        Comparison(
            "the same without bias and gradient",
            float(qbnum.steady_state(rest).exergy),
            float(qbnum.steady_state(_other_equilibrium(rest)).exergy),
        ),
    )


def _equilibrium_consequence() -> Consequence:
    def against_left(junction: Junction) -> dict[str, object]:
        return {"exergy": qbnum.steady_state(_other_equilibrium(junction)).exergy}

    moved = numbers.shifts(against_left, only=("Fig. 5c",))
    return Consequence(
        "None with the protocol of Sec. IV B, where the right reservoir is the equilibrium. "
        f"Against the left one X in Fig. 5c would change by up to {moved[0].change:.3f}."
    )


_difference = s.E - s.E_eq
_particles = Symbol("N") - Symbol("N_eq")
_relative = Symbol("S_rel")
_T, _mu = Symbol("T", positive=True), Symbol("mu", real=True)


def _identity_form(sign: int) -> Eq:
    total = _difference / _T + sign * _mu * _particles / _T - (s.S - s.S_eq)
    return Eq(_relative, total, evaluate=False)


def _two_state_form(reference: Expr) -> Eq:
    kept, rest = s.d * log(s.d / reference), (1 - s.d) * log((1 - s.d) / (1 - reference))
    return Eq(s.X_two, kept + rest, evaluate=False)


ERRATA = (
    Erratum(
        slug="exergy-identity-sign",
        kind="formula",
        where="Eq. (2)",
        summary="+ mu (N - N_eq)/T → - mu (N - N_eq)/T",
        printed=_identity_form(1),
        right=_identity_form(-1),
        why="Eqs. (1) and (3) and the definition Lambda = E - mu N - TS give the minus sign, and "
        "Eq. (13) is that relative entropy, pointwise in omega.",
        proofs=("exergy_identity",),
        demonstrate=_identity_numbers,
        consequence=_identity_consequence,
    ),
    Erratum(
        slug="two-state-reference",
        kind="formula",
        where="Eq. (A5)",
        summary="f_eq undefined (no omega) → d_eq = ∫ A f_eq",
        printed=_two_state_form(s.f_eq),
        right=_two_state_form(s.d_eq),
        why="With d_eq both exergies vanish at equilibrium and X >= X2. The other reading, "
        "f_eq(eps_QB), breaks both: the level's occupation at equilibrium is not f_eq(eps_QB) at "
        "any coupling that is not weak.",
        proofs=("two_state_reference", "jensen_gaps"),
        demonstrate=_reference_numbers,
        consequence=_reference_consequence,
    ),
    Erratum(
        slug="equilibrium-reference",
        kind="imprecise",
        where="before Eq. (13)",
        summary="f_eq = f_alpha (which?) → f at (mu_eq, T_eq)",
        printed="f_QB^eq = f_alpha^eq",
        right=Eq(
            s.f_eq,
            1 / (1 + exp((s.omega - s.mu_eq) / s.temperature_eq)),
            evaluate=False,
        ),
        why="Reservoirs with different mu or T have different f_alpha; one f_eq cannot be both.",
        proofs=("reservoir_distributions",),
        demonstrate=_equilibrium_numbers,
        consequence=_equilibrium_consequence,
    ),
)
