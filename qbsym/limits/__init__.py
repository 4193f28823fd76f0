"""Analytic limits of every observable, each derived from the exact forms and with its order.

`limit` returns one by name, `limits` all of them; nothing is derived before its expression is
looked at. Each family also has a function of its own name that returns the expression.
May import: sympy, mpmath, qbsym.
"""

from __future__ import annotations

from functools import cache

from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError, UnknownNameError
from qbsym.limits import (
    _band_edge,
    _far_reservoirs,
    _high_temperature,
    _linear_response,
    _optimum,
    _sommerfeld,
    _weak_coupling,
    _wide_band,
    _zero_temperature,
)
from qbsym.limits._band_edge import band_edge, strong_coupling
from qbsym.limits._bands import ARRANGEMENTS
from qbsym.limits._far_reservoirs import far_reservoirs
from qbsym.limits._high_temperature import high_temperature
from qbsym.limits._linear_response import linear_response, onsager
from qbsym.limits._numeric import evaluate
from qbsym.limits._optimum import exergy_stationarity, optimum
from qbsym.limits._sommerfeld import sommerfeld
from qbsym.limits._weak_coupling import COUPLING_POWER, weak_coupling
from qbsym.limits._wide_band import wide_band
from qbsym.limits._zero_temperature import zero_temperature
from qbsym.limits.core import Entry, Limit, epsilon

__all__ = [
    "ARRANGEMENTS",
    "COUPLING_POWER",
    "Entry",
    "Limit",
    "absent",
    "band_edge",
    "epsilon",
    "evaluate",
    "exergy_stationarity",
    "families",
    "far_reservoirs",
    "high_temperature",
    "limit",
    "limits",
    "linear_response",
    "onsager",
    "optimum",
    "sommerfeld",
    "strong_coupling",
    "weak_coupling",
    "wide_band",
    "zero_temperature",
]

_MODULES = (
    _weak_coupling,
    _wide_band,
    _zero_temperature,
    _sommerfeld,
    _optimum,
    _linear_response,
    _high_temperature,
    _far_reservoirs,
    _band_edge,
)


@cache
def _entries() -> dict[tuple[str, str, int], Entry]:
    found: dict[tuple[str, str, int], Entry] = {}
    for module in _MODULES:
        for entry in module.ENTRIES:
            key = (entry.family, entry.observable, entry.order)
            if key in found:  # pragma: no cover
                raise AssertionError(f"{key} is in the catalogue twice")
            found[key] = entry
    return found


def limits() -> tuple[Entry, ...]:
    """Return the whole catalogue of limits, family by family; nothing is derived by asking."""
    return tuple(_entries().values())


def families() -> tuple[str, ...]:
    """Return the names of the families of limits, in their order."""
    return tuple(dict.fromkeys(entry.family for entry in limits()))


def absent() -> dict[tuple[str, str], str]:
    """Return why a (family, observable) has no entry, for those that have none."""
    return {key: reason for module in _MODULES for key, reason in module.ABSENT.items()}


@takes_names
def limit(family: str, observable: str, order: int = 1) -> Entry:
    """Return one limit of the catalogue.

    Parameters
    ----------
    family : str
        One of `families`.
    observable : str
        An observable, or a combination that the family names.
    order : int
        1: the leading term; 2: with the next one; ...

    Raises
    ------
    UnknownNameError
        There is no such family, or the family knows no such observable.
    NotDerivedError
        The family leaves the observable out, for the reason given, or has it at other orders.
    """
    found = _entries().get((family, observable, order))
    if found is not None:
        return found
    of_family = [entry for entry in limits() if entry.family == family]
    if not of_family:
        raise UnknownNameError(f"no family of limits {family!r}; there are {', '.join(families())}")
    orders = [entry.order for entry in of_family if entry.observable == observable]
    if orders:
        raise NotDerivedError(
            f"{family} of {observable} is derived at order {', '.join(map(str, orders))}, "
            f"not {order}"
        )
    reason = absent().get((family, observable))
    if reason is not None:
        raise NotDerivedError(f"{family} has no {observable}: {reason}")
    known = ", ".join(dict.fromkeys(entry.observable for entry in of_family))
    raise UnknownNameError(f"{family} has no {observable!r}; it has {known}")
