"""The routes that a run holds against each other, and what came of each, read off a record.

May import: validation.checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from validation.checks import (
    closed_forms,
    derivations,
    enclosures,
    erratum,
    identities,
    limits,
    observables,
    plain_rule,
    pointwise,
    refusals,
    signs,
    symmetries,
    witness,
)

__all__ = ["ROUTES", "Route", "invariants", "routes"]


@dataclass(frozen=True)
class Route:
    """Two sides that were held against each other, and the checks that did it."""

    title: str
    sides: str
    modules: tuple[Any, ...]

    @property
    def checks(self) -> frozenset[str]:
        """The names of the checks."""
        return frozenset(check.name for module in self.modules for check in module.CHECKS)


ROUTES = (
    Route(
        "Derived",
        "every step of every proof is decided by SymPy; each limit is approached at the order it "
        "claims; the printed form fails",
        (derivations, limits, erratum),
    ),
    Route(
        "Closed forms",
        "SymPy's closed forms against quadrature in arbitrary precision",
        (pointwise, closed_forms),
    ),
    Route(
        "Two references",
        "integrals proven by ball arithmetic (Arb) against an independent integrator (mpmath)",
        (enclosures,),
    ),
    Route(
        "Fast layer",
        "qbnum, in double precision, against the certified reference, and against its own error "
        "estimates",
        (observables,),
    ),
    Route(
        "Invariants",
        "sum rules, moments, continuity, identities, bounds and symmetries that hold whatever the "
        "numbers are",
        (identities, plain_rule, signs, symmetries),
    ),
    Route(
        "Witness",
        "two finite chains, evolved exactly, that know no Green function, against the reference",
        (witness,),
    ),
    Route("Refusals", "what the steady state does not fix is refused by both layers", (refusals,)),
)


def invariants() -> frozenset[str]:
    """Return the names of the checks that hold a result against zero or a bound."""
    return next(route.checks for route in ROUTES if route.title == "Invariants")


def routes(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each route with what its checks came to; those without a check are left out."""
    found = []
    for route in ROUTES:
        checks = [check for check in record["checks"] if check["name"] in route.checks]
        if checks:
            counted = [check for check in checks if check["digits"] is not None]
            total = sum(check["comparisons"] for check in checks)
            most = 2 * sum(check["comparisons"] for check in counted) >= total
            found.append(
                {
                    "title": route.title,
                    "sides": route.sides,
                    "checks": [check["name"] for check in checks],
                    "comparisons": total,
                    # Digits speak for the route only where most of its errors are relative ones.
                    "digits": min((c["digits"] for c in counted), default=None) if most else None,
                    "refused": sum(check["refused"] for check in checks),
                    "failed": [c["name"] for c in checks if c["verdict"] == "disagreed"],
                }
            )
    return found
