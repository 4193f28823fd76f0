"""Formulas as MathML, which browsers draw without fonts or scripts.

May import: sympy, markupsafe (inside the function).
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Pow, Symbol, exp
from sympy.printing.mathml import MathMLPresentationPrinter

__all__ = ["mathml"]

NAPIER = Symbol("e", commutative=False)
"""Stands for e while a formula is written: what does not commute is left above the fraction line,
where e^(-ik) belongs."""


def mathml(formula: Basic) -> Any:
    """Return a formula as a ``<math>`` element, to stand on a line of its own."""
    from markupsafe import Markup

    shown = formula.replace(exp, lambda argument: Pow(NAPIER, argument))
    printed = MathMLPresentationPrinter().doprint(shown).replace("&ImaginaryI;", "i")
    # Markup, because all of it is the printer's own.
    return Markup(f'<math display="block">{printed}</math>')
