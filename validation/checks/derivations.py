"""Every step of every derivation in qbsym's catalogue, decided again by SymPy.

May import: qbsym.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qbsym import catalogue
from validation.checks.base import MODEL, Check, Row, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]


def _proofs(digits: int) -> Iterator[Row]:
    for derivation in catalogue.derivations():
        for number, result in enumerate(derivation.verify(), start=1):
            yield Row(
                check="derivations",
                case=derivation.name,
                group=MODEL,
                observable=f"step {number}",
                verdict=Verdict.AGREED if result.passed else Verdict.DISAGREED,
                error=0.0 if result.passed else math.inf,
                value=result.method,
                expected=result.text,
            )


CHECKS = (
    Check(
        name="derivations",
        claim="Every step of every derivation holds.",
        tolerance="none: SymPy decides",
        run=_proofs,
        counts_digits=False,
    ),
)
