"""The measured orders of the limits, as the run measured them.

May import: validation.limit_orders, .report.content, .report.digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from validation.limit_orders import TOLERANCE
from validation.report.content import error_text
from validation.report.digits import symbol

__all__ = ["TOLERANCE", "Family", "families"]


@dataclass(frozen=True)
class Family:
    """The limits of one family.

    Attributes
    ----------
    name : str
    worst : str
        The largest deviation of a measured order from the claimed one.
    agreed : bool
        Whether every order is confirmed.
    rows : tuple of (str, str, str, str, bool)
        Observable, order of the expression, what is claimed of the remainder, how far the measured
        order is from it, and whether that is within the tolerance.
    """

    name: str
    worst: str
    agreed: bool
    rows: tuple[tuple[str, str, str, str, bool], ...]


def families(
    record: Mapping[str, Any], claimed: Mapping[tuple[str, str, str], str]
) -> list[Family]:
    """Return the families of limits that the run measured; none if it did not.

    Parameters
    ----------
    record : mapping
    claimed : mapping
        What is claimed of the remainder, by family, order and observable; may lack any.
    """
    found: dict[str, list[tuple[str, str, str, Any]]] = {}
    for key, errors in record["results"].get("limits", {}).items():
        family, _, order = key.rpartition(":")
        for observable, error in errors.items():
            claim = claimed.get((family, order, observable), "")
            found.setdefault(family, []).append((observable, order, claim, error))
    # A refusal of the check as a whole stands under no family; it is among the refusals.
    return [_family(name, rows) for name, rows in found.items() if name]


def _family(name: str, rows: list[tuple[str, str, str, Any]]) -> Family:
    worst = max((e for *_, e in rows), key=lambda e: float("inf") if isinstance(e, str) else e)
    return Family(
        name.replace("_", " "),
        _deviation(worst),
        _holds(worst),
        tuple(
            (symbol(name), order, claim.replace("epsilon", "ε"), _deviation(error), _holds(error))
            for name, order, claim, error in rows
        ),
    )


def _holds(error: Any) -> bool:
    return not isinstance(error, str) and error <= TOLERANCE


def _deviation(error: Any) -> str:
    return error_text(error) if isinstance(error, str) else f"{error:.4f}"
