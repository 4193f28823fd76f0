"""The well-known mistakes by name: what goes wrong, how to put it right, and what it predicts.

Equation numbers are the paper's, some of whose misprints are among the mistakes.
May import: .mistakes_models, .mistakes_integrals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from validation.conformance import mistakes_models as models
from validation.conformance.mistakes_integrals import integral_models
from validation.conformance.mistakes_models import CURRENTS, Model, scaled, with_gaps
from validation.references import OBSERVABLES

__all__ = ["MISTAKES", "PATTERNS", "Mistake", "Pattern"]


@dataclass(frozen=True)
class Mistake:
    """A well-known way to get this model wrong.

    Parameters
    ----------
    name : str
        A slug.
    title : str
        What it is, in a few words.
    explanation : str
        What goes wrong, in one or two sentences.
    remedy : str
        What to do.
    """

    name: str
    title: str
    explanation: str
    remedy: str


@dataclass(frozen=True)
class Pattern:
    """What a mistake makes of the right values.

    Parameters
    ----------
    mistake : Mistake
    variants : tuple of Model
        One for each of the ways in which it is made.
    needs_integrals : bool
        Whether the predictions cost an integral, and are known on a handful of cases only.
    """

    mistake: Mistake
    variants: tuple[Model, ...]
    needs_integrals: bool = False


TWO_STATE = ("two_state_entropy", "two_state_exergy")
GAPS = ("entropy_gap", "exergy_gap")
ENTROPIC = ("entropy", "exergy", "equilibrium_entropy", *TWO_STATE, *GAPS)
EXERGIES = ("exergy", "two_state_exergy", "exergy_gap")

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        Mistake(
            "printed-self-energy",
            "the printed sign of Re Sigma",
            "Sigma = v^2 exp(-i k)/h with omega = onsite - 2h cos k, as printed after (6), has the "
            "wrong sign of Re Sigma; the integral of A then misses 1.",
            "Sigma = v^2/(2 h^2) [x - i sqrt(4 h^2 - x^2)], x = omega - onsite.",
        ),
        integral_models("printed-self-energy"),
        needs_integrals=True,
    ),
    Pattern(
        Mistake(
            "band-follows-level",
            "the band follows the level",
            "The level's energy stands where the lead's onsite energy must, as printed after (6): "
            "the level is always in the middle of the band.",
            "omega = onsite - 2h cos k with the onsite energy of the lead.",
        ),
        integral_models("band-follows-level"),
        needs_integrals=True,
    ),
    Pattern(
        Mistake(
            "mean-occupation",
            "the plain mean of f_L and f_R",
            "The level is occupied by (f_L + f_R)/2, which holds for equal broadenings only.",
            "f = (Gamma_L f_L + Gamma_R f_R)/(Gamma_L + Gamma_R), Eq. (9).",
        ),
        integral_models("mean-occupation"),
        needs_integrals=True,
    ),
    Pattern(
        Mistake(
            "hole-terms-missing",
            "the terms of the holes are missing",
            "Entropies and exergies keep f ln f only, without (1 - f) ln (1 - f).",
            "Add the same term with 1 - f for f, as in (12), (13), (A4), (A5).",
        ),
        integral_models("hole-terms-missing"),
        needs_integrals=True,
    ),
    Pattern(
        Mistake(
            "half-broadening",
            "Gamma without its factor 2",
            "Gamma = -Im Sigma makes tau four times too small, and A where it is formed from Gamma "
            "half as large.",
            "Take Gamma = -2 Im Sigma.",
        ),
        (models.half_broadening,),
    ),
    Pattern(
        Mistake(
            "bound-states-dropped",
            "bound states left out",
            "Only the integrals over the band are given, although the level binds an electron "
            "whose occupation is named.",
            "Add Z n to N, Z omega n to E, Z times the two-state (relative) entropy of n to S and "
            "X; or answer with an error.",
        ),
        (models.bound_states_dropped,),
    ),
    Pattern(
        Mistake(
            "weight-with-bound-states",
            "bound states counted in the spectral weight",
            "The spectral weight includes the weights of the bound states, and is always 1.",
            "spectral_weight is the integral of A over the bands.",
        ),
        (models.weight_with_bound_states,),
    ),
    Pattern(
        Mistake(
            "energies-from-mu-eq",
            "omega measured from mu_eq",
            "Energies and energy currents are integrals of omega - mu_eq: E is short of mu_eq N, "
            "J_E of mu_eq I_Q.",
            "Weigh with omega itself in E, E_eq and J_E.",
        ),
        (models.energies_from("mu_eq"),),
    ),
    Pattern(
        Mistake(
            "energies-from-level",
            "omega measured from the level",
            "Energies and energy currents are integrals of omega - level: E is short of level N, "
            "J_E of level I_Q.",
            "Weigh with omega itself in E, E_eq and J_E.",
        ),
        (models.energies_from("level"),),
    ),
    Pattern(
        Mistake(
            "heat-exchanged",
            "heat currents with the other lead's mu",
            "J_E - mu_R I_Q stands where J_E - mu_L I_Q must, and the other way round.",
            "heat_current_left takes mu_L, heat_current_right takes mu_R.",
        ),
        (models.heat_exchanged,),
    ),
    Pattern(
        Mistake(
            "plus-mu-n",
            "plus sign of mu (N - N_eq) in the exergy",
            "The exergy is formed as printed in (2), with +mu_eq (N - N_eq)/T_eq; the sign must be "
            "minus.",
            "X = beta_eq (E - E_eq) - beta_eq mu_eq (N - N_eq) - (S - S_eq), or (13) itself.",
        ),
        (models.mu_term(2.0),),
    ),
    Pattern(
        Mistake(
            "missing-mu-n",
            "exergy without mu (N - N_eq)",
            "The exergy is beta_eq (E - E_eq) - (S - S_eq), as if no particles were exchanged.",
            "Subtract beta_eq mu_eq (N - N_eq), or integrate (13) itself.",
        ),
        (models.mu_term(1.0),),
    ),
    Pattern(
        Mistake(
            "level-reference",
            "f_eq(level) as the reference of (A5)",
            "The two-state exergy is taken relative to f_eq at the level; its gap can then be "
            "negative, and it does not vanish at equilibrium.",
            "Take d_eq = integral A f_eq, the equilibrium_particle_number.",
        ),
        (models.level_reference,),
    ),
    Pattern(
        Mistake(
            "two-spins",
            "two spins instead of one",
            "Everything extensive comes out twice: the model's electrons are spinless.",
            "Drop the factor 2 (in currents alone, it may also be 1/pi for 1/(2 pi)).",
        ),
        (scaled(2.0, OBSERVABLES), models.two_electrons_in_one_state),
    ),
    Pattern(
        Mistake(
            "missing-two-pi",
            "1/(2 pi) missing in the currents",
            "The Landauer currents (7), (8) are integrals over omega/(2 pi); here they are 2 pi "
            "times too large.",
            "Divide the current integrals by 2 pi (hbar = 1, so h = 2 pi).",
        ),
        (scaled(2 * math.pi, CURRENTS),),
    ),
    Pattern(
        Mistake(
            "log-base-2",
            "logarithms of base 2",
            "Entropies and exergies come out 1/ln 2 = 1.44 times too large: they are in bits.",
            "Take natural logarithms: k_B = 1 and entropies are in nats.",
        ),
        (scaled(1 / math.log(2), ENTROPIC),),
    ),
    Pattern(
        Mistake(
            "exergy-in-energy-units",
            "exergy in units of energy",
            "The extractable work W_ext = T_eq X is given, not X = beta_eq W_ext.",
            "Divide by temperature_eq.",
        ),
        (
            scaled("temperature_eq", EXERGIES),
            with_gaps(scaled("temperature_eq", ("exergy",))),
        ),
    ),
    Pattern(
        Mistake(
            "current-reversed",
            "currents counted from right to left",
            "Currents and heat currents have the opposite sign.",
            "Count from left to right: the integrand is tau (f_L - f_R).",
        ),
        (scaled(-1.0, CURRENTS),),
    ),
    Pattern(
        Mistake(
            "heat-sign",
            "heat of one lead with the opposite sign",
            "One heat current counts what enters a lead, the other what leaves it.",
            "Both are J_E - mu I_Q with the currents from left to right.",
        ),
        (
            scaled(-1.0, ("heat_current_right",)),
            scaled(-1.0, ("heat_current_left",)),
        ),
    ),
    Pattern(
        Mistake(
            "entropy-production-sign",
            "entropy production with the opposite sign",
            "The entropy production is negative: the second law has it >= 0.",
            "Take (beta_L mu_L - beta_R mu_R) I_Q - (beta_L - beta_R) J_E.",
        ),
        (scaled(-1.0, ("entropy_production",)),),
    ),
    Pattern(
        Mistake(
            "gap-sign",
            "gaps with the opposite sign",
            "The gaps are negative: they are S - S2 and X2 - X.",
            "entropy_gap is S2 - S, exergy_gap is X - X2; both are >= 0.",
        ),
        (scaled(-1.0, GAPS),),
    ),
)
"""Every mistake that is recognised, in the order in which they are made: what is integrated first,
what becomes of the integrals last. Composed predictions keep to it."""

MISTAKES = tuple(pattern.mistake for pattern in PATTERNS)
"""The mistakes alone, in the same order."""
