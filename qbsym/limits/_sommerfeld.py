"""Sommerfeld's terms: how observables of equal leads leave their zero-temperature limits.

Each Fermi function contributes pi^2 T^2/6 times the slope of what it weighs at mu, then
7 pi^4 T^4/360 times the third derivative; the entropy of the edges of the bias window is linear
in T. Eqs. (7)-(13), (A4)-(A7).
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

__all__ = ["ABSENT", "ENTRIES", "sommerfeld"]

ABSENT = {
    ("sommerfeld", "spectral_weight"): (
        "A does not depend on the temperature; without bound states its integral is 1 at any"
    ),
}
"""(family, observable) -> why there is no entry."""


@takes_names
def sommerfeld(name: str, order: int | None = None) -> Expr:
    """Return an observable's expansion for small temperatures, all scaled together.

    Eqs. (7)-(13), (A4)-(A7).

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`, but for the spectral weight.
    order : int, optional
        How many terms, those of `zero_temperature` included; default: one more than it has.

    Returns
    -------
    Expr
        In the thirteen parameters, with the left lead's band for both. The term of the entropy
        linear in T, for mu_L != mu_R, holds a dilogarithm of the couplings' ratio that is
        elementary for equal couplings.

    Raises
    ------
    NotDerivedError
        An order that is not there, or the spectral weight.
    UnknownNameError
        No such observable.
    """
    observable(name)
    if name not in POWERS:
        reason = ABSENT.get(("sommerfeld", name), "not one of OBSERVABLES")
        raise NotDerivedError(f"no Sommerfeld expansion of {name}: {reason}")
    lowest, highest = count_at_zero(name) + 1, len(POWERS[name]) - 1
    chosen = lowest if order is None else order
    if not lowest <= chosen <= highest:
        raise NotDerivedError(
            f"the Sommerfeld expansion of {name} has orders {lowest} to {highest}, not {chosen}; "
            "lower ones are in zero_temperature"
        )
    return partial_sum(name, chosen)


def _power(exponent: int) -> str:
    return "T" if exponent == 1 else f"T^{exponent}"


ENTRIES = tuple(
    Entry(
        family="sommerfeld",
        observable=name,
        order=order,
        statement=f"{observable(name).symbol} up to its term in {_power(POWERS[name][order - 1])}.",
        equation=observable(name).equation,
        derivation="sommerfeld",
        build=partial(low_temperature_limit, name, order),
    )
    for name in OBSERVABLES
    if name in POWERS
    for order in range(count_at_zero(name) + 1, len(POWERS[name]))
)
"""The family's limits."""
