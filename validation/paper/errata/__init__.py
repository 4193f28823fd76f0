"""The paper's errata, each with its proof, its numbers and what follows from it.

`errata` lists them; what each computes lives in the modules beside this one, the proofs in
`qbsym.catalogue`. May import: validation.errors, validation.paper.errata.
"""

from __future__ import annotations

from functools import cache

from validation.errors import UnknownNameError
from validation.paper.errata import chain, green, peak, states, text, thermo
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Shift, Written

__all__ = ["Comparison", "Consequence", "Erratum", "Shift", "Written", "errata", "erratum"]


@cache
def errata() -> tuple[Erratum, ...]:
    """Return all errata: wrong formulas first, what is only imprecise last."""
    modules = (green, chain, thermo, states, text, peak)
    found = [entry for module in modules for entry in module.ERRATA]
    order = {"formula": 0, "text": 1, "cross-reference": 2, "imprecise": 3}
    return tuple(sorted(found, key=lambda entry: order[entry.kind]))


def erratum(slug: str) -> Erratum:
    """Return the erratum of this name.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    for entry in errata():
        if entry.slug == slug:
            return entry
    known = ", ".join(entry.slug for entry in errata())
    raise UnknownNameError(f"no erratum {slug!r}; there are {known}")
