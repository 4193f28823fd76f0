"""What is exactly zero, decided in rational arithmetic where floating-point numbers leave noise.

May import: validation.exact.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from validation.exact import ExactJunction, ExactLead

__all__ = ["at_equilibrium", "vanishing_integrals", "vanishing_observables"]

CURRENTS = ("charge_current", "energy_current", "heat_current_left", "heat_current_right",
            "entropy_production")  # fmt: skip


def at_equilibrium(j: ExactJunction) -> bool:
    """Return whether every coupled lead is at the equilibrium that exergy is measured against."""
    return all(
        (lead.mu, lead.temperature) == (j.mu_eq, j.temperature_eq)
        for lead in (j.left, j.right)
        if lead.coupling
    )


def vanishing_integrals(j: ExactJunction) -> frozenset[str]:
    """Return the integrals over the bands that are exactly zero."""
    names: set[str] = set()
    if at_equilibrium(j):
        names.add("exergy")
    same = (j.left.mu, j.left.temperature) == (j.right.mu, j.right.temperature)
    (low, high), (other_low, other_high) = j.left.band, j.right.band
    apart = max(low, other_low) >= min(high, other_high)
    if same or apart or not (j.left.coupling and j.right.coupling):
        names |= set(CURRENTS)
    return frozenset(names)


def vanishing_observables(j: ExactJunction, whole: bool, any_bound: bool) -> frozenset[str]:
    """Return the combinations that are exactly zero.

    Parameters
    ----------
    j : ExactJunction
    whole : bool
        Whether the occupation of every bound state is named, or there is none.
    any_bound : bool
        Whether there are bound states.
    """
    names: set[str] = set()
    if whole and not any_bound:
        if at_equilibrium(j):
            names |= {"exergy", "two_state_exergy", "exergy_gap"}
        if _half_filled(j):
            names.add("two_state_exergy")
    if whole and not (j.left.coupling or j.right.coupling):
        # One state only: the two-state description is the whole of it.
        names |= {"entropy_gap", "exergy_gap"}
    return frozenset(names)


def _half_filled(j: ExactJunction) -> bool:
    """Return whether reflection about the level, which takes N to 1 - N, changes nothing.

    Then N = N_eq = 1/2: the two-state exergy is zero, whatever the temperatures are.
    """

    def reflected(lead: ExactLead) -> ExactLead:
        return replace(lead, onsite=_mirror(j, lead.onsite), mu=_mirror(j, lead.mu))

    leads = [lead for lead in (j.left, j.right) if lead.coupling]
    images = [reflected(lead) for lead in leads]
    return j.mu_eq == j.level and (images in (leads, leads[::-1]))


def _mirror(j: ExactJunction, energy: Fraction) -> Fraction:
    return 2 * j.level - energy
