"""Errata about states: Sec. II, Eq. (11), App. A: what each computes.

May import: numpy, scipy, sympy, qbsym, qbnum, validation.paper.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.linalg import expm
from scipy.special import entr
from sympy import Eq, I, Limit, Symbol, exp, oo

import qbnum
from qbnum import Junction
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Written
from validation.paper.errata.numbers import CHAIN, CLEARLY, DOUBLE, Array, ChainState
from validation.paper.protocol import FIG_8, REGIMES, battery
from validation.witness.chain import FiniteJunction, Parameters

__all__ = ["ERRATA"]

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""


@cache
def _chain(time: float = numbers.TIME) -> ChainState:
    return numbers.evolve(EMPTY, time=time)


# --- The Moeller operator, Sec. II ---------------------------------------------------------------


def _time_numbers() -> tuple[Comparison, ...]:
    late, early = _chain(), _chain(-numbers.TIME)
    state = qbnum.steady_state(EMPTY)
    current = float(state.charge_current)
    return (
        Comparison(
            f"I_Q of a finite chain at time {numbers.TIME:.0f} (tau -> -oo), and Eq. (7)",
            late.current_left,
            current,
            tolerance=CHAIN,
        ),
        Comparison(
            f"I_Q of it at time {-numbers.TIME:.0f} (tau -> +oo, printed), and minus Eq. (7)",
            early.current_left,
            -current,
            tolerance=CHAIN,
        ),
        Comparison(
            "N of the chain at both times",
            early.number,
            late.number,
            tolerance=CHAIN,
        ),
        Comparison(
            "N of the chain, and Eq. (10)",
            late.number,
            float(state.particle_number),
            tolerance=CHAIN,
        ),
    )


def _time_consequence() -> Consequence:
    sigma = float(qbnum.steady_state(EMPTY).entropy_production)
    return Consequence(
        "Eqs. (7)-(13) and the figures are those of the right limit. The printed one is the time-"
        "reversed state: the same N, E, S and X, all currents reversed, and an entropy production "
        f"of {-sigma:.5f} instead of {sigma:.5f} at level 0.4 and bias 0.5."
    )


# --- The level's density matrix, Sec. III and App. A ---------------------------------------------

MODES = 5
"""Level and two sites a lead: the whole many-body space, 32 states."""

STRONG = Junction(
    level=0.3,
    left=qbnum.Lead(0.1, 1.0, 0.8, 0.9, 0.3),
    right=qbnum.Lead(-0.2, 0.7, 0.6, -0.1, 0.1),
    mu_eq=0.1,
    temperature_eq=0.1,
)
"""Couplings of the size of the hoppings: no weak-coupling approximation would survive."""

WAIT = 3.0
"""Some hoppings: the level is then correlated with its leads, not yet in any limit."""


def _annihilators() -> list[Array]:
    lower, sign = np.array([[0.0, 1.0], [0.0, 0.0]]), np.diag([1.0, -1.0])
    found = []
    for site in range(MODES):
        product: Array = np.eye(1)
        for factor in [sign] * site + [lower] + [np.eye(2)] * (MODES - site - 1):
            product = np.asarray(np.kron(product, factor), np.float64)
        found.append(product)
    return found


def _many_body() -> tuple[complex, Array]:
    """Return the level's coherence and its two weights, from the full density matrix."""
    modes = _annihilators()  # level, left sites outwards, right sites outwards
    chain = FiniteJunction(Parameters.of(STRONG), (2, 2))
    place = [2, 1, 0, 3, 4]
    hops = chain.off_diagonal
    single = np.diag(chain.diagonal) + np.diag(hops, 1) + np.diag(hops, -1)
    single = single[np.ix_(place, place)]
    hamiltonian = sum(
        single[i, j] * modes[i].T @ modes[j] for i in range(MODES) for j in range(MODES)
    )
    # rho_0: the level empty, each lead in its own grand-canonical state.
    exponent = np.zeros_like(hamiltonian)
    for lead, sites in ((STRONG.left, (1, 2)), (STRONG.right, (3, 4))):
        for i in sites:
            for j in sites:
                energy = single[i, j] - (lead.mu if i == j else 0.0)
                exponent = exponent - energy / lead.temperature * modes[i].T @ modes[j]
    empty = np.eye(1 << MODES) - modes[0].T @ modes[0]
    initial = empty @ expm(exponent)
    initial = initial / np.trace(initial)
    step = expm(-1j * WAIT * hamiltonian)
    rho = step @ initial @ step.conj().T
    half = rho.shape[0] // 2
    local = np.trace(rho.reshape(2, half, 2, half), axis1=1, axis2=3)
    return complex(local[0, 1]), np.linalg.eigvalsh(local)


def _matrix_numbers() -> tuple[Comparison, ...]:
    coherence, weights = _many_body()
    d = numbers.evolve(STRONG, time=WAIT, sites=2).number
    fig_8 = qbnum.steady_state(battery(FIG_8["level"], bias=0.5, mu_eq=FIG_8["mu_eq"]))
    return (
        Comparison(
            "coherence of the empty with the occupied level, many-body trace at v = 0.8, and 0",
            abs(coherence),
            0.0,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            "von Neumann entropy of that trace, and (A4) with d of the one-particle evolution",
            float(entr(weights).sum()),
            float(entr(d) + entr(1 - d)),
            tolerance=DOUBLE,
        ),
        Comparison(
            "(A4) and Eq. (12) at bias 0.5 in Fig. 8a",
            float(fig_8.two_state_entropy),
            float(fig_8.entropy),
            "is above",
            CLEARLY,
        ),
    )


def _matrix_consequence() -> Consequence:
    found = {}
    for coupling in (0.12, 0.06):
        junctions = battery(
            FIG_8["level"], bias=numbers.BIASES, mu_eq=FIG_8["mu_eq"], coupling=coupling
        )
        state = qbnum.steady_state(junctions)
        found[coupling] = float(state.exergy_gap.max()), float(state.entropy_gap.max())
    (x, entropy), (x_weak, entropy_weak) = found[0.12], found[0.06]
    return Consequence(
        "In Fig. 8 the curves called approximate are the exact ones of the level's own state. Eqs. "
        "(12) and (13) are other quantities, averages over energies; they lie off by up to "
        f"{entropy:.3f} in S and {x:.3f} in X for v = 0.12 ({entropy_weak:.3f} and {x_weak:.3f} "
        "for v = 0.06, bias up to 1). No curve moves; their names change places."
    )


# --- The energy of the level, Eq. (11) -----------------------------------------------------------


def _energy_numbers() -> tuple[Comparison, ...]:
    state = qbnum.steady_state(EMPTY)
    level, energy = REGIMES["empty"], float(state.energy)
    alone = level * float(state.particle_number)
    found = level * _chain().number + _chain().coupling_energy / 2
    return (
        Comparison("Eq. (11), and <H_QB> + <H_int>/2 of a chain", energy, found, tolerance=CHAIN),
        Comparison("Eq. (11), and <H_QB> = eps_QB N", energy, alone, "differs from", CLEARLY),
    )


def _energy_consequence() -> Consequence:
    state = qbnum.steady_state(EMPTY)
    alone = REGIMES["empty"] * float(state.particle_number)
    return Consequence(
        f"At level 0.4 and bias 0.5 E is {float(state.energy):.4f}, the level's own energy "
        f"{alone:.4f}: {float(state.energy) / alone - 1:+.1%}. The paper shows no E; X from (13) "
        "contains it."
    )


_tau = Symbol("tau")
_forward = exp(I * Symbol("H") * _tau) * exp(-I * Symbol("H_0") * _tau)

ERRATA = (
    Erratum(
        slug="moeller-limit",
        kind="formula",
        where="Sec. II",
        summary="Moeller operator: tau → +∞ should be tau → -∞",
        printed=Eq(Symbol("Omega^(+)"), Limit(_forward, _tau, oo, "-"), evaluate=False),
        right=Eq(Symbol("Omega^(+)"), Limit(_forward, _tau, -oo, "+"), evaluate=False),
        why="Omega rho_0 Omega^-1 at tau is the state at time -tau. With tau -> +oo it lies in the "
        "far past of the decoupled state: the time-reversed one, whose currents run uphill.",
        proofs=("moeller_direction",),
        demonstrate=_time_numbers,
        consequence=_time_consequence,
    ),
    Erratum(
        slug="two-state-is-exact",
        kind="text",
        where="Sec. III, App. A",
        summary="(A1) an approximation → the exact reduced density matrix",
        printed="the definition of [rho_QB, Eq. (A1)] is completely different from the reduced "
        "density matrix Tr_LR[rho_NE] ... only valid in the weak coupling ... regime",
        right="Tr_LR rho_NE = diag(1 - d, d), d = N: (A1), (A4) are exact at any coupling; (12) "
        "and (13) are averages over energy, equal to them only at weak coupling",
        why="One spinless level has two states, and conservation of the number of electrons "
        "forbids coherence between them: its reduced density matrix is fixed by d alone.",
        proofs=("level_density_matrix", "two_state_density_matrix"),
        demonstrate=_matrix_numbers,
        consequence=_matrix_consequence,
    ),
    Erratum(
        slug="energy-of-the-level",
        kind="imprecise",
        where="Sec. III, Eq. (11)",
        summary="E from the reduced density matrix → E = <H_QB + H_int/2>",
        printed="the energy can be obtained from the reduced density matrix",
        right=Written("E = <H_QB + H_int/2>", r"E = \langle H_{QB} + H_{int}/2 \rangle"),
        why="The reduced density matrix gives <H_QB> = eps_QB N. Eq. (11) counts half of the "
        "coupling energy besides, which is a property of the junction.",
        proofs=("level_energy",),
        demonstrate=_energy_numbers,
        consequence=_energy_consequence,
    ),
)
