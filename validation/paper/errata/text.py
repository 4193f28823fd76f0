"""Errata of the text: Secs. II and IV A, Apps. A and B: what each computes.

May import: qbnum, validation.paper, validation.witness.
"""

from __future__ import annotations

import qbnum
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Relation
from validation.paper.errata.numbers import CHAIN, CLEARLY, DOUBLE
from validation.paper.protocol import BASE, REGIMES, battery
from validation.witness import equilibrium_number

__all__ = ["ERRATA"]

# --- Empty and full ------------------------------------------------------------------------------


def _filling_numbers() -> tuple[Comparison, ...]:
    far = 1.0
    found = []
    sides: tuple[tuple[int, Relation, str], ...] = (
        (-1, "is above", "below"),
        (1, "is below", "above"),
    )
    for sign, relation, name in sides:
        level = BASE["mu_eq"] + sign * far
        number = float(qbnum.steady_state(battery(level)).particle_number)
        what = f"N of a level {far} {name} mu_eq"
        found += [
            Comparison(f"{what}, and 1/2", number, 0.5, relation, CLEARLY),
            Comparison(
                f"{what}, and that of a finite chain",
                number,
                equilibrium_number(battery(level)),
                tolerance=DOUBLE,
            ),
        ]
    return tuple(found)


def _filling_consequence() -> Consequence:
    full, empty = (
        float(qbnum.steady_state(battery(REGIMES[regime])).particle_number)
        for regime in ("full", "empty")
    )
    return Consequence(
        "None: the regimes are named the right way round elsewhere; at equilibrium N is "
        f"{full:.3f} at level {REGIMES['full']} (full) and {empty:.3f} at level "
        f"{REGIMES['empty']} (empty)."
    )


# --- Never equal ---------------------------------------------------------------------------------

STRONG = 0.5
"""A coupling at which the peak is as wide as the band: far from weak."""

NEGLIGIBLE = 1e-12


def _equality_numbers() -> tuple[Comparison, ...]:
    rest = qbnum.steady_state(battery(0.4, coupling=STRONG))
    # Far outside the band +-2, in opposite directions: f_L = 1 and f_R = 0 to exp(-40).
    far = qbnum.steady_state(battery(0.4, bias=12.0, mu_eq=-6.0, coupling=STRONG))
    hot = qbnum.steady_state(battery(0.4, temperature_eq=1e7, coupling=STRONG))
    near = qbnum.steady_state(battery(0.4, bias=0.5, coupling=STRONG))
    v = f"v = {STRONG}"
    return (
        Comparison(f"{v}, equilibrium: X - X2, and 0", float(rest.exergy_gap), 0.0),
        Comparison(
            f"{v}, equilibrium: S2 - S, and 0", float(rest.entropy_gap), 0.0, "is above", CLEARLY
        ),
        Comparison(
            f"{v}, mu_L = 6, mu_R = -6: S2 - S, and 0",
            float(far.entropy_gap),
            0.0,
            tolerance=NEGLIGIBLE,
            scale=1.0,
        ),
        Comparison(
            f"{v}, T = 1e7: S2 - S, and 0",
            float(hot.entropy_gap),
            0.0,
            tolerance=NEGLIGIBLE,
            scale=1.0,
        ),
        Comparison(
            f"{v}, bias 0.5: S2 - S, and 0", float(near.entropy_gap), 0.0, "is above", CLEARLY
        ),
    )


def _equality_consequence() -> Consequence:
    state = qbnum.steady_state(battery(0.4, bias=12.0, mu_eq=-6.0, coupling=STRONG))
    near = qbnum.steady_state(battery(0.4, bias=0.5, coupling=STRONG))
    return Consequence(
        "No figure moves. Equality needs no weak coupling: both exergies vanish at equilibrium at "
        "any coupling, and far reservoirs or high temperatures make the entropies agree (at v = "
        f"{STRONG}: S2 - S = {float(near.entropy_gap):.3f} at bias 0.5, "
        f"{float(state.entropy_gap):.0e} between a full and an empty reservoir)."
    )


# --- Fig. 4 for Fig. 5 in App. B -----------------------------------------------------------------

LARGEST = {"gradient": 0.1, "bias": 0.5}
"""A gradient as large as T_eq, a bias that sweeps the level."""


def _ratio(**drive: float) -> float:
    """Return X of the full over X of the empty regime."""
    full, empty = (
        float(qbnum.steady_state(battery(REGIMES[regime], **drive)).exergy)
        for regime in ("full", "empty")
    )
    return full / empty


def _figure_numbers() -> tuple[Comparison, ...]:
    over_bias = _ratio(bias=LARGEST["bias"])
    over_gradient = _ratio(gradient=LARGEST["gradient"])
    weak = _ratio(gradient=LARGEST["gradient"], coupling=1e-3)
    return (
        Comparison(
            f"Fig. 5: X(full)/X(empty) at bias {LARGEST['bias']}, and 1/2",
            over_bias,
            0.5,
            "is below",
            CLEARLY,
        ),
        Comparison(
            f"Fig. 4: X(full)/X(empty) at gradient {LARGEST['gradient']}, and 1/2",
            over_gradient,
            0.5,
            "is above",
            CLEARLY,
        ),
        # The mirror image holds to first order in v^2/h^2 over the distance of the level.
        Comparison("Fig. 4 at v = 0.001: X(full)/X(empty), and 1", weak, 1.0, tolerance=1e-4),
    )


def _figure_consequence() -> Consequence:
    bias, gradient = (
        _ratio(bias=LARGEST["bias"]),
        _ratio(gradient=LARGEST["gradient"]),
    )
    return Consequence(
        f"The statement holds for Figs. 5a and 5c, where X(full)/X(empty) is {bias:.3f} at bias "
        f"{LARGEST['bias']}. In Figs. 4a and 4c the ratio is {gradient:.3f} at gradient "
        f"{LARGEST['gradient']}: there is nothing of the kind to see."
    )


# --- Bound states, Sec. II -----------------------------------------------------------------------

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""

BOUND = battery(2.3, bias=0.5)
"""A level above the band, 2(h - v^2/h) = 1.97: one bound state."""

SETTLED = 1e-4
"""The continuum dies out as (v/gap)^2 (h t)^(-3/2) beside the bound state: 3e-5 at a gap of 0.3."""


def _bound_numbers() -> tuple[Comparison, ...]:
    weight = float(qbnum.bound_states(BOUND).weight.compressed()[0])
    band = float(qbnum.steady_state(BOUND, bound_states="exclude").spectral_weight)
    memory = numbers.evolve(BOUND, 1.0).number - numbers.evolve(BOUND, 0.0).number
    return (
        Comparison("integral of A over the band, and 1 - Z", band, 1 - weight, tolerance=1e-9),
        Comparison("integral of A over the band, and 1", band, 1.0, "is below", CLEARLY),
        Comparison(
            "late N of a chain, level filled less level empty at first, and Z^2",
            memory,
            weight**2,
            tolerance=SETTLED,
        ),
        Comparison(
            "the same at level 0.4, and 0",
            numbers.evolve(EMPTY, 1.0).number - numbers.evolve(EMPTY).number,
            0.0,
            tolerance=CHAIN,
            scale=1.0,
        ),
    )


def _bound_consequence() -> Consequence:
    edge = 2 * (BASE["hopping"] - BASE["coupling"] ** 2 / BASE["hopping"])
    return Consequence(
        f"None for the paper's levels, all between -{edge:.4f} and {edge:.4f}. Beyond, N, E, S and "
        "X depend on how the level was prepared, for ever."
    )


ERRATA = (
    Erratum(
        slug="empty-and-full",
        kind="text",
        where="Sec. IV A",
        summary="empty (eps_QB ≪ mu_eq), full (≫) → the other way round",
        printed="completely empty (eps_QB << mu_eq) or completely full (eps_QB >> mu_eq)",
        right="completely full (eps_QB << mu_eq) or completely empty (eps_QB >> mu_eq)",
        why="f_eq(eps_QB) is 1 far below mu_eq and 0 far above it, as the definition of the "
        "regimes just before says.",
        proofs=("empty_and_full",),
        demonstrate=_filling_numbers,
        consequence=_filling_consequence,
    ),
    Erratum(
        slug="never-equal",
        kind="text",
        where="App. A",
        summary="average never the function of it → equal iff f_NE constant",
        printed="the average of a function ... is never equal to the function of the average ... "
        "there is only one case for which Eq. (12) or Eq. (13) gives the same results as Eq. (A4) "
        "or Eq.(A5) ... weak coupling",
        right="S2 = S if and only if f_NE is constant where A > 0, X2 = X if and only if f_NE = "
        "f_eq there; weak coupling is one way to come close, far reservoirs and high temperature "
        "are others",
        why="Jensen's inequality for a strictly convex function is an equality exactly for a "
        "constant argument.",
        proofs=("jensen_equality", "jensen_gaps"),
        demonstrate=_equality_numbers,
        consequence=_equality_consequence,
    ),
    Erratum(
        slug="figure-of-the-exergy",
        kind="cross-reference",
        where="App. B",
        summary="Figs. 4a, 4c for the bias dependence → Figs. 5a, 5c",
        printed="small values ... of the exergy Fig. 4a; a similar behavior is also obtained for "
        "the exergy, compared Fig. 4a and Fig. 4c",
        right="Fig. 5a; Fig. 5a and Fig. 5c",
        why="The sentences speak of the dependence on the bias; Fig. 4 is over the temperature "
        "gradient, where levels at equal distance below and above mu_eq are mirror images.",
        proofs=("gradient_mirror",),
        demonstrate=_figure_numbers,
        consequence=_figure_consequence,
    ),
    Erratum(
        slug="bound-states",
        kind="imprecise",
        where="Sec. II, App. A",
        summary="∫A = 1, one steady state → only without bound states",
        printed="the reservoirs drive the system into a steady state; integral A = 1",
        right="integral A = 1 - sum_b Z_b over the bands; a bound state keeps the memory of the "
        "initial occupation",
        why="A level far from the bands (eps_QB - eps_a > 2(h - v^2/h) for equal leads) binds a "
        "state outside them, which the reservoirs neither fill nor empty.",
        proofs=("bound_states",),
        demonstrate=_bound_numbers,
        consequence=_bound_consequence,
    ),
)
