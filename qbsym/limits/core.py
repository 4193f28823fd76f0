"""What an analytic limit is: a closed form, where it holds, and how fast it is approached.

A family's module lists its entries without deriving them; `Entry.limit` derives one when it is
first asked for. May import: sympy, qbsym.symbols, .errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Integer, Rational, Symbol, sympify

from qbsym import symbols as s

__all__ = ["Entry", "Limit", "epsilon"]

epsilon = Symbol("epsilon", positive=True)
"""The small parameter of a path: 1 at the example, 0 in the limit."""


@dataclass(frozen=True)
class Limit:
    """A closed form that an observable approaches along a path through the parameters.

    Attributes
    ----------
    expression : Expr
        The partial sum up to the entry's order, in the thirteen parameters of `qbsym.symbols`.
    path : mapping of Symbol to Expr
        What becomes of the parameters on the way: each in `epsilon` and the parameters, which stand
        for their values at the example. Parameters that stay are left out.
    starts : Rational
        Power of epsilon with which the observable itself starts.
    remainder : Rational or None
        Claimed power of epsilon of the observable less the expression; `sympy.oo` where the two
        are equal; None where the remainder is exponentially small, at the rate ``rate``.
    logarithms : int
        Power of ln(1/epsilon) that the remainder carries besides.
    rate : Expr or None
        An exponentially small remainder is of the order exp(-rate), up to powers; in the thirteen
        parameters, which change along the path.
    assumptions : tuple of str
    example : mapping of str to str
        Dotted parameter name to decimal text: the junction at epsilon = 1 where the approach is
        measured; all thirteen parameters.
    epsilons : tuple of Rational
        Where it is measured, from far to near; three or more.
    occupation : str or None
        Decimal text: of the bound states, where the example has any.
    """

    expression: Expr
    path: Mapping[Symbol, Expr]
    starts: Rational
    remainder: Rational | None
    assumptions: tuple[str, ...]
    example: Mapping[str, str]
    epsilons: tuple[Rational, ...]
    rate: Expr | None = None
    occupation: str | None = None
    logarithms: int = 0

    def at(self, small: Rational) -> dict[str, Rational]:
        """Return the thirteen parameters by dotted name at one epsilon, exactly.

        Raises
        ------
        ValueError
            The path leads to a number that is not rational.
        """
        start = {
            symbol: Rational(self.example[name])
            for symbol, name in zip(s.PARAMETERS, s.PARAMETER_NAMES, strict=True)
        }
        found: dict[str, Rational] = {}
        for symbol, name in zip(s.PARAMETERS, s.PARAMETER_NAMES, strict=True):
            along = sympify(self.path.get(symbol, symbol))
            value = along.subs({**start, epsilon: small}, simultaneous=True)
            if not value.is_Rational:
                raise ValueError(f"the path takes {name} to {value}, which is not rational")
            found[name] = value
        return found


@dataclass(frozen=True)
class Entry:
    """A limit by name, derived when it is first asked for.

    Attributes
    ----------
    family : str
        Which limit, e.g. ``"weak_coupling"``.
    observable : str
        One of `qbsym.OBSERVABLES`, or a named combination of them.
    order : int
        1: the leading term; 2: with the next one; ...
    statement : str
        One sentence.
    equation : str
        Where the paper speaks of it, or has the observable.
    derivation : str
        Name of the `Derivation` in the catalogue that proves it.
    build : callable
        Makes the `Limit`.
    of : callable or None
        For a named combination: takes a mapping of observable to value and one of dotted parameter
        name to value, and returns the combination's value. None for an observable itself.
    """

    family: str
    observable: str
    order: int
    statement: str
    equation: str
    derivation: str
    build: Callable[[], Limit]
    of: Callable[[Mapping[str, object], Mapping[str, object]], object] | None = field(default=None)

    @cached_property
    def limit(self) -> Limit:
        """The limit itself."""
        return self.build()

    @property
    def name(self) -> str:
        """What ``qbval derive`` takes: family:observable:order."""
        return f"{self.family}:{self.observable}:{Integer(self.order)}"
