"""N, E and the currents at finite temperature without any integral.

The Fermi function is 1/2 less the sum of its poles, f = 1/2 - T sum_n 1/(omega - mu - i w_n),
w_n = (2n + 1) pi T. Integrated against A it gives G^r in the upper half plane, Eqs. (10)-(11);
integrated against tau, rational on the band, it gives logarithms, Eqs. (7)-(8). The tail of the
sum is summed by Hurwitz zeta functions with the moments of A or tau. Neither a quadrature nor a
square root on the real axis is shared with the integrals. The equilibrium values hold for any
leads, the others for equal bands (couplings may differ); always without bound states.
May import: sympy, mpmath, qbsym._matsubara_forms, ._matsubara_sums, ._checks, .symbols, .errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mpmath import mp
from sympy import Expr

from qbsym._checks import checked_digits, named_parameters, takes_names
from qbsym._matsubara_forms import forms
from qbsym._matsubara_sums import CURRENTS, GUARD_DIGITS, OCCUPATIONS, junction_from, observables
from qbsym.errors import NotDerivedError
from qbsym.symbols import PARAMETER_NAMES

__all__ = [
    "CURRENTS",
    "NAMES",
    "OCCUPATIONS",
    "ClosedForm",
    "closed_form",
    "evaluate",
    "evaluate_all",
]

NAMES = (
    *OCCUPATIONS,
    *CURRENTS,
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)
"""The observables that have such a closed form."""


@dataclass(frozen=True)
class ClosedForm:
    """An observable as constant + 2T sum_(n >= 0) Re summand(mu + i w_n), one sum per reservoir.

    Attributes
    ----------
    name : str
    constant, summand : Expr
        In the generic `symbols.mu` and ``w``, ``level``, and the leads' symbols; where equal bands
        are needed, in the generic ``onsite`` and ``hopping`` that they share.
    combination : str
        How the sums of the reservoirs make up the observable.
    """

    name: str
    constant: Expr
    summand: Expr
    combination: str


@takes_names
def closed_form(name: str) -> ClosedForm:
    """Return the closed form of an observable without bound states.

    Raises
    ------
    NotDerivedError
        The observable has none: `NAMES` lists those that do.
    """
    if name in OCCUPATIONS:
        kind, reservoirs = OCCUPATIONS[name]
        text = (
            "v_L^2/(v_L^2 + v_R^2) sum_L + v_R^2/(v_L^2 + v_R^2) sum_R"
            if reservoirs == "NE"
            else "sum_eq"
        )
    elif name in CURRENTS:
        kind, text = CURRENTS[name], "(sum_L - sum_R)/(2 pi)"
    elif name in NAMES:
        kind, text = "transmitted", "its definition in charge_current and energy_current"
    else:
        raise NotDerivedError(
            f"no integral-free form of {name!r}: logarithms of f have no simple poles; "
            f"there are {', '.join(NAMES)}"
        )
    constant, summand = forms()[kind]
    return ClosedForm(name, constant, summand, text)


def evaluate(name: str, parameters: Mapping[str, Any], digits: int = 30) -> Any:
    """Return an observable from its closed form, as mpf.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    parameters : mapping
        Dotted name -> int, float, Fraction or mpf, each taken exactly.
    digits : int
        Correct decimal digits, relative to the sums that make up the result. One far smaller than
        they are (currents or occupations of reservoirs many T outside the bands) keeps that
        absolute accuracy only: integrate instead.

    Raises
    ------
    UnknownNameError, ParameterError
        A parameter is missing or outside its domain, or ``digits`` is.
    NotDerivedError
        No such form: bands that differ (but for the equilibrium values), a bound state, another
        observable, v_L^2 + v_R^2 = h^2 for the currents (tau has one pole less there), or a
        temperature so low that the sum is longer than `MAX_TERMS`.
    """
    closed_form(name)
    return evaluate_all(parameters, digits, (name,))[name]


def evaluate_all(
    parameters: Mapping[str, Any], digits: int = 30, names: tuple[str, ...] = NAMES
) -> dict[str, Any]:
    """Return several observables at once; arguments and errors as in `evaluate`.

    A value that cancels to zero beyond 3 (digits + 10) digits is returned as it is.
    """
    named_parameters(parameters, PARAMETER_NAMES)
    for name in names:
        closed_form(name)
    working = checked_digits(digits) + GUARD_DIGITS
    equal_bands = not all(name.startswith("equilibrium_") for name in names)
    while True:
        with mp.workdps(working + GUARD_DIGITS):
            values = observables(junction_from(parameters, equal_bands), names, working)
            lost = max(
                (
                    float(mp.log10(scale / abs(value))) if value else float(working)
                    for value, scale in values.values()
                    if scale
                ),
                default=0.0,
            )
        if working - lost >= digits + 2 or working > 3 * (digits + 10):
            with mp.workdps(digits + 2):
                return {name: +value for name, (value, _) in values.items()}
        working += min(int(lost) + 2, 2 * (digits + 10))
