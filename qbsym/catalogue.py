"""The catalogue of derivations: what the package claims, with the proof of each claim.

May import: qbsym.proofs, the ``_catalogue_*`` modules, .errors.
"""

from __future__ import annotations

from functools import cache

from qbsym._checks import takes_names
from qbsym.errors import UnknownNameError
from qbsym.proofs import Derivation

__all__ = ["derivation", "derivations"]


@cache
def derivations() -> tuple[Derivation, ...]:
    """Return all derivations, in the order in which they build on each other."""
    from qbsym import (
        _catalogue_band_edge,
        _catalogue_closed,
        _catalogue_errata,
        _catalogue_errata_entropy,
        _catalogue_errata_states,
        _catalogue_extremes,
        _catalogue_green,
        _catalogue_linear_response,
        _catalogue_moments,
        _catalogue_optimum,
        _catalogue_poles,
        _catalogue_sommerfeld,
        _catalogue_symmetry,
        _catalogue_thermo,
        _catalogue_weak_coupling,
        _catalogue_wide_band,
        _catalogue_zero_temperature,
    )

    modules = (
        _catalogue_green,
        _catalogue_poles,
        _catalogue_moments,
        _catalogue_thermo,
        _catalogue_symmetry,
        _catalogue_closed,
        _catalogue_weak_coupling,
        _catalogue_wide_band,
        _catalogue_zero_temperature,
        _catalogue_sommerfeld,
        _catalogue_optimum,
        _catalogue_linear_response,
        _catalogue_extremes,
        _catalogue_band_edge,
        _catalogue_errata,
        _catalogue_errata_states,
        _catalogue_errata_entropy,
    )
    return tuple(derivation for module in modules for derivation in module.DERIVATIONS)


@takes_names
def derivation(name: str) -> Derivation:
    """Return the derivation of this name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    for entry in derivations():
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in derivations())
    raise UnknownNameError(f"no derivation {name!r}; there are {known}")
