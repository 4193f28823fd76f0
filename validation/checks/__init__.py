"""The checks of the cross-validation run, one module for each kind."""

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
from validation.checks.base import MODEL, REFUSALS, Check, Context, Row, Verdict

__all__ = ["CHECKS", "MODEL", "REFUSALS", "Check", "Context", "Row", "Verdict"]

_MODULES = (
    derivations,
    erratum,
    limits,
    pointwise,
    closed_forms,
    enclosures,
    observables,
    identities,
    plain_rule,
    signs,
    symmetries,
    witness,
    refusals,
)

CHECKS: dict[str, Check] = {check.name: check for module in _MODULES for check in module.CHECKS}
"""Every check by name, in the order in which they are reported."""
