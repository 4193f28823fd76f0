"""An erratum with what its proofs, its numbers and its consequence come to when computed.

May import: qbsym, validation.paper.errata.entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qbsym import catalogue
from qbsym.proofs import StepResult
from validation.paper.errata.entry import Comparison, Consequence, Erratum

__all__ = ["SYMBOLS", "Shown", "show"]

SYMBOLS = {
    "exergy": "X",
    "entropy": "S",
    "charge_current": "I_Q",
    "energy_current": "J_E",
    "two_state_exergy": "X2",
}
"""Observables that errata move, as they are shown."""


@dataclass(frozen=True)
class Shown:
    """An erratum with what its proofs, its numbers and its consequence came to."""

    entry: Erratum
    proofs: dict[str, list[StepResult]]
    numbers: tuple[Comparison, ...]
    consequence: Consequence

    @property
    def proven(self) -> bool:
        """Whether every step of every proof holds."""
        return all(step.passed for steps in self.proofs.values() for step in steps)

    @property
    def agreed(self) -> bool:
        """Whether every number stands as it must to the other."""
        return all(number.agreed for number in self.numbers)


@cache
def _verified(name: str) -> list[StepResult]:
    return catalogue.derivation(name).verify()


def show(entry: Erratum) -> Shown:
    """Return an erratum proven and computed again; a proof that several share is done once."""
    return Shown(
        entry,
        {name: _verified(name) for name in entry.proofs},
        entry.demonstrate(),
        entry.consequence(),
    )
