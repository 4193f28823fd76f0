"""What an erratum of the paper is: printed, right, why, the proofs' names, numbers, consequence.

May import: sympy, qbsym.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import sympy
from sympy import Basic

from qbsym import catalogue
from qbsym.proofs import Derivation

__all__ = [
    "Comparison",
    "Consequence",
    "Erratum",
    "Form",
    "Shift",
    "Written",
    "latex_of",
]

LATEX_SPECIAL = {letter: "\\" + letter for letter in "_&%#${}"} | {
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
"""What must be escaped in words; none of the forms has a backslash or a tilde."""

Kind = Literal["formula", "text", "cross-reference", "imprecise"]
"""What is wrong: a formula, a statement, a citation; or true only with a restriction."""

Relation = Literal["equals", "differs from", "is below", "is above"]


@dataclass(frozen=True)
class Written:
    """A formula of operators, which is only written down: as plain text and as LaTeX."""

    text: str
    latex: str


Form: TypeAlias = Basic | Written | str
"""A formula, a formula that is only written down, or words."""


@dataclass(frozen=True)
class Comparison:
    """A computed number held against another.

    Parameters
    ----------
    what : str
        What the number is, and by which routes the two were found.
    value, other : float
    relation : str
        What must hold: ``equals`` (within ``tolerance``), ``differs from`` (by more than it),
        ``is below``, ``is above``.
    tolerance : float
        Relative to the larger of both and ``scale``.
    scale : float
        What errors are measured against where both numbers may vanish.
    """

    what: str
    value: float
    other: float
    relation: Relation = "equals"
    tolerance: float = 0.0
    scale: float = 0.0

    @property
    def agreed(self) -> bool:
        """Whether the relation holds; never for a value that is not finite."""
        off = abs(self.value - self.other)
        allowed = self.tolerance * max(abs(self.value), abs(self.other), self.scale)
        match self.relation:
            case "equals":
                return off <= allowed
            case "differs from":
                return off > allowed
            case "is below":
                return self.value < self.other - allowed
            case "is above":
                return self.value > self.other + allowed


@dataclass(frozen=True)
class Shift:
    """How far a figure's curves move if they are computed as printed.

    Parameters
    ----------
    figure, observable : str
    change : float
        The largest difference on the curves between printed and right, in the observable's unit.
    largest : float
        The largest absolute value of the right curves.
    """

    figure: str
    observable: str
    change: float
    largest: float

    @property
    def relative(self) -> float:
        """The change as a fraction of the largest value."""
        return self.change / self.largest


@dataclass(frozen=True)
class Consequence:
    """What follows for the paper's results: a sentence with its numbers, and the figures moved."""

    sentence: str
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Erratum:
    """One erratum.

    Parameters
    ----------
    slug : str
        Its name, in kebab case.
    kind : str
        ``formula``, ``text``, ``cross-reference`` or ``imprecise``.
    where : str
        Section or equation of the paper.
    summary : str
        Printed -> right, in one line.
    printed, right : Basic, Written or str
        Both forms: a formula, or the words.
    why : str
    proofs : tuple of str
        Names of the derivations of `qbsym.catalogue` that prove it.
    demonstrate : callable
        Computes the numbers that show it.
    consequence : callable
        Computes what follows for the results.
    """

    slug: str
    kind: Kind
    where: str
    summary: str
    printed: Form
    right: Form
    why: str
    proofs: tuple[str, ...]
    demonstrate: Callable[[], tuple[Comparison, ...]]
    consequence: Callable[[], Consequence]

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The derivations that prove it."""
        return tuple(catalogue.derivation(name) for name in self.proofs)


def latex_of(form: Form) -> str:
    r"""Return a printed or right form as LaTeX; words become ``\text{...}``."""
    if isinstance(form, Basic):
        return str(sympy.latex(form))
    if isinstance(form, Written):
        return form.latex
    escaped = "".join(LATEX_SPECIAL.get(letter, letter) for letter in form)
    return rf"\text{{{escaped}}}"
