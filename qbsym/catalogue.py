"""The catalogue of derivations: what the package claims, with the proof of each claim.

May import: qbsym.proofs, the ``_catalogue_*`` modules, .errors.
"""

from __future__ import annotations

from functools import cache

from qbsym.errors import UnknownNameError
from qbsym.proofs import Derivation

__all__ = ["derivation", "derivations"]


@cache
def derivations() -> tuple[Derivation, ...]:
    """Return all derivations, in the order in which they build on each other."""
    from qbsym import (
        _catalogue_closed,
        _catalogue_green,
        _catalogue_moments,
        _catalogue_poles,
        _catalogue_symmetry,
        _catalogue_thermo,
    )

    return (
        *_catalogue_green.DERIVATIONS,
        *_catalogue_poles.DERIVATIONS,
        *_catalogue_moments.DERIVATIONS,
        *_catalogue_thermo.DERIVATIONS,
        *_catalogue_symmetry.DERIVATIONS,
        *_catalogue_closed.DERIVATIONS,
    )


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
