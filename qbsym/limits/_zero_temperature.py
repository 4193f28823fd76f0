"""Zero temperature: every observable of equal leads in closed form, all T -> 0 together.

The Fermi functions become steps at mu_a, so that the integrals are antiderivatives of A and tau
between chemical potentials; between mu_L and mu_R the level is occupied by the couplings' share,
which gives the entropy; the exergy grows as 1/T. Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .observables, .limits._low_temperature, .limits.core, .errors.
"""

from __future__ import annotations

from functools import partial

from sympy import Expr

from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError
from qbsym.limits._low_temperature import (
    POWERS,
    count_at_zero,
    low_temperature_limit,
    partial_sum,
)
from qbsym.limits.core import Entry
from qbsym.observables import OBSERVABLES, observable

__all__ = ["ABSENT", "ENTRIES", "zero_temperature"]

ABSENT = {
    ("zero_temperature", "spectral_weight"): (
        "A does not depend on the temperature; without bound states its integral is 1 at any"
    ),
}
"""(family, observable) -> why there is no entry."""


@takes_names
def zero_temperature(name: str, order: int = 1) -> Expr:
    """Return an observable's terms that do not vanish as the temperatures go to zero together.

    Eqs. (7)-(13), (A4)-(A7).

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`, but for the spectral weight.
    order : int
        How many terms: 1 is the leading one, which goes as 1/T for the exergy, its gap and the
        entropy production, and as T for the equilibrium entropy. 2 adds the constant one to the
        exergy and its gap. `sommerfeld` continues the series.

    Returns
    -------
    Expr
        In the thirteen parameters, with the left lead's band for both. It holds for equal bands,
        every mu inside the band, and (level - onsite)^2 < 4 (h^2 - v_L^2 - v_R^2).

    Raises
    ------
    NotDerivedError
        Another order, or the spectral weight.
    UnknownNameError
        No such observable.
    """
    return partial_sum(_known(name), _checked(name, order))


def _known(name: str) -> str:
    observable(name)
    if name not in POWERS:
        reason = ABSENT.get(("zero_temperature", name), "not one of OBSERVABLES")
        raise NotDerivedError(f"no zero-temperature limit of {name}: {reason}")
    return name


def _checked(name: str, order: int) -> int:
    highest = count_at_zero(name)
    if not 1 <= order <= highest:
        raise NotDerivedError(
            f"the zero-temperature limit of {name} has orders 1 to {highest}, not {order}; what "
            "vanishes with the temperatures is in sommerfeld"
        )
    return order


def _statement(name: str, order: int) -> str:
    power = POWERS[name][order - 1]
    symbol = observable(name).symbol
    if order > 1:
        return f"{symbol} with its constant term for T -> 0, in closed form."
    how = {-1: "as 1/T", 0: "to a constant", 1: "as T"}[power]
    return f"{symbol} goes {how} for T -> 0, in closed form."


ENTRIES = tuple(
    Entry(
        family="zero_temperature",
        observable=name,
        order=order,
        statement=_statement(name, order),
        equation=observable(name).equation,
        derivation="zero_temperature" if POWERS[name][0] <= 0 else "sommerfeld",
        build=partial(low_temperature_limit, name, order),
    )
    for name in OBSERVABLES
    if name in POWERS
    for order in range(1, count_at_zero(name) + 1)
)
"""The family's limits."""
