"""How the layers are told of bound states: one vocabulary for both.

`validation.reference` takes occupations in order of energy, `qbnum.steady_state` by position
(below, between, above the bands). May import: qbnum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qbnum

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bound_energies", "by_position"]


def bound_energies(junction: qbnum.Junction) -> dict[str, float]:
    """Return the energies of a scalar junction's bound states, by position, in ascending order."""
    energy = qbnum.bound_states(junction).energy
    present = ~energy.mask
    return {
        position: float(energy.data[i])
        for i, position in enumerate(qbnum.BOUND_STATE_POSITIONS)
        if present[i]
    }


def by_position(junction: qbnum.Junction, bound_states: str | float | Sequence[float]) -> Any:
    """Return the ``bound_states`` argument of `qbnum.steady_state` for that of the reference.

    Raises
    ------
    qbnum.ParameterError
        The number of occupations is not the number of bound states.
    """
    if isinstance(bound_states, str | float | int):
        return bound_states
    energies = bound_energies(junction)
    if len(energies) != len(bound_states):
        raise qbnum.ParameterError(
            f"{len(bound_states)} occupations were given, the junction has {len(energies)} bound "
            "states; give one number for all, or one for each in order of energy"
        )
    return dict(zip(energies, bound_states, strict=True)) or "error"
