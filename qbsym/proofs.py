"""How a derivation is written down and checked: steps, each a statement that SymPy decides.

An identity is proven by clearing denominators, replacing square roots by generators with their
quadratic relations, and expanding to zero; where that does not decide, it is compared at random
rational points to 50 digits and the result says so. May import: sympy, qbsym.functions, .errors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import (
    Basic,
    Dummy,
    Eq,
    Expr,
    Ge,
    Gt,
    Poly,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    expand,
    factor,
    latex,
    sin,
    sinh,
    sympify,
    tanh,
    together,
)

from qbsym.functions import Fermi, FermiDifference

__all__ = [
    "Derivation",
    "Step",
    "StepResult",
    "fact",
    "identity",
    "is_zero",
    "nonnegative",
    "sampled",
]

POINTS = 12
"""Random points of a numeric spot check."""

DIGITS = 50
"""Working digits of a numeric spot check; agreement is asked for to ten fewer."""


@dataclass(frozen=True)
class StepResult:
    """What became of one step: whether it holds, and how that was decided."""

    text: str
    passed: bool
    method: str


@dataclass(frozen=True)
class Step:
    """One step of a derivation: a sentence, its formula, and how it is checked.

    Attributes
    ----------
    text : str
    equation : Basic
        The formula, for display.
    residual : Expr or None
        What must be identically zero.
    check : callable or None
        Or a decision procedure that returns whether the step holds.
    domain : mapping
        Symbol -> (low, high), the range of random points when algebra does not decide.
    method : str
        How the procedure decides.
    """

    text: str
    equation: Basic
    residual: Expr | None = None
    check: Callable[[], Any] | None = None
    domain: Mapping[Symbol, tuple[Any, Any]] = field(default_factory=dict)
    method: str = "decided by SymPy"

    def verify(self) -> StepResult:
        """Decide the step."""
        if self.residual is None:
            assert self.check is not None
            return StepResult(self.text, self.check() is True, self.method)
        if is_zero(self.residual):
            return StepResult(self.text, True, "expanded to zero")
        passed = vanishes_at_random_points(self.residual, self.domain)
        return StepResult(self.text, passed, f"{POINTS} random points, {DIGITS} digits")


@dataclass(frozen=True)
class Derivation:
    """A proven statement of the catalogue.

    Attributes
    ----------
    name, statement : str
    assumptions : tuple of str
    equation : str
        The paper's equation number(s).
    build : callable
        Makes the steps; called once, when they are first asked for.
    """

    name: str
    statement: str
    assumptions: tuple[str, ...]
    equation: str
    build: Callable[[], tuple[Step, ...]]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The ordered steps."""
        return self.build()

    def verify(self) -> list[StepResult]:
        """Check every step and return the results in order."""
        return [step.verify() for step in self.steps]

    def text(self) -> str:
        """Return the derivation as plain text, with formulas in SymPy's notation."""
        head = [f"{self.name}  [{self.equation}]", self.statement]
        head += [f"  assuming {assumption}" for assumption in self.assumptions]
        return "\n".join(head + [f"  {i}. {p.text}\n     {p.equation}" for i, p in self._numbered])

    def markdown(self) -> str:
        """Return the derivation as Markdown with LaTeX formulas."""
        head = [f"## {self.name}", "", f"{self.statement} (paper: {self.equation})", ""]
        head += [f"- assuming {assumption}" for assumption in self.assumptions]
        lines = [f"{i}. {p.text}\n\n   $${latex(p.equation)}$$" for i, p in self._numbered]
        return "\n".join([*head, "", *lines, ""])

    @property
    def _numbered(self) -> list[tuple[int, Step]]:
        return list(enumerate(self.steps, start=1))


def identity(
    text: str,
    left: Any,
    right: Any,
    domain: Mapping[Symbol, tuple[Any, Any]] | None = None,
) -> Step:
    """Return the step ``left = right``."""
    left, right = sympify(left), sympify(right)
    return Step(text, Eq(left, right, evaluate=False), left - right, None, domain or {})


def fact(text: str, equation: Any, check: Callable[[], Any]) -> Step:
    """Return a step decided by a procedure."""
    return Step(text, sympify(equation), None, check)


def sampled(text: str, equation: Any, check: Callable[[], Any]) -> Step:
    """Return a step that a procedure compares at random points: evidence, not a proof."""
    return Step(text, sympify(equation), None, check, method="compared at random points")


def nonnegative(text: str, expression: Expr, strict: bool = False) -> Step:
    """Return the step ``expression >= 0`` (``> 0``), decided from the symbols' assumptions."""
    relation = (Gt if strict else Ge)(expression, 0, evaluate=False)  # not evaluated to "true"
    return Step(
        text,
        relation,
        None,
        lambda: expression.is_positive if strict else expression.is_nonnegative,
    )


def is_zero(expression: Expr) -> bool:
    """Return whether an expression expands to zero once denominators and roots are cleared."""
    cleared = _in_exponentials(expression)
    cleared, relations = _without_roots(cleared)
    numerator = expand(together(cleared).as_numer_denom()[0])
    for root, square in relations:
        numerator = _reduced(numerator, root, square)
    return expand(numerator) == 0


def _in_exponentials(expression: Expr) -> Expr:
    rewritten = expression.replace(Fermi, lambda x: Fermi(together(expand(x))))
    rewritten = rewritten.replace(
        FermiDifference, lambda x, y: Fermi(together(expand(x))) - Fermi(together(expand(y)))
    )
    rewritten = rewritten.replace(Fermi, _fermi_in_one_exponential)
    for function in (cos, sin, cosh, sinh, tanh):
        rewritten = rewritten.replace(function, lambda a, f=function: f(a).rewrite(exp))
    return rewritten.replace(exp, lambda a: exp(expand(a)))


def _fermi_in_one_exponential(x: Expr) -> Expr:
    if x.could_extract_minus_sign():
        return exp(-x) / (1 + exp(-x))
    return 1 / (1 + exp(x))


def _without_roots(expression: Expr) -> tuple[Expr, list[tuple[Dummy, Expr]]]:
    """Replace square roots by dummies; return their defining squares, innermost last."""
    relations: dict[Expr, Dummy] = {}

    def root(e: Expr) -> Expr:
        base = factor(together(e.base))
        return relations.setdefault(base, Dummy("r")) ** (2 * e.exp)

    replaced = expression.replace(lambda e: e.is_Pow and e.exp.is_Rational and e.exp.q == 2, root)
    return replaced, [(dummy, square) for square, dummy in relations.items()]


def _reduced(numerator: Expr, root: Dummy, square: Expr) -> Expr:
    """Return the numerator with powers of a root above one replaced by its square."""
    if not numerator.has(root):
        return numerator
    top, bottom = together(square).as_numer_denom()
    polynomial = Poly(numerator, root)
    total = sympify(0)
    highest = polynomial.degree() // 2
    for (power,), coefficient in polynomial.terms():
        half, odd = divmod(power, 2)
        total += coefficient * top**half * bottom ** (highest - half) * root**odd
    return expand(total)


def random_point(
    symbols: Any, domain: Mapping[Symbol, tuple[Any, Any]], generator: random.Random
) -> dict[Symbol, Rational]:
    """Return random rationals for the symbols, inside the domain or their assumptions."""
    point = {}
    for symbol in sorted(symbols, key=str):
        default = (Rational(1, 5), 2) if symbol.is_nonnegative else (-2, 2)
        low, high = map(sympify, domain.get(symbol, default))
        point[symbol] = low + (high - low) * Rational(generator.randint(1, 996), 997)
    return point


def vanishes_at_random_points(
    expression: Expr, domain: Mapping[Symbol, tuple[Any, Any]], seed: int = 20
) -> bool:
    """Return whether an expression is zero to DIGITS - 10 digits at random rational points."""
    generator = random.Random(seed)
    for _ in range(POINTS):
        value = expression.subs(random_point(expression.free_symbols, domain, generator))
        number = value.evalf(DIGITS, chop=False)
        if not abs(number) < Rational(1, 10 ** (DIGITS - 10)):
            return False
    return True
