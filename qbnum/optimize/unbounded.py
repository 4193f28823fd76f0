"""Quotients that grow beyond all bounds inside the box, found before anything is searched.

A quotient per current or per entropy produced has no maximum where its denominator vanishes and
its numerator does not. May import: numpy, scipy, qbnum.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from qbnum.errors import ParameterError, QbnumError
from qbnum.optimize.objective import Problem

__all__ = ["UnboundedObjectiveError", "equilibrium_distance", "refuse_unbounded"]

Array: TypeAlias = NDArray[np.float64]

PAIRS = 64
"""Lines between currents of different sign that are followed to the zero between them."""

BISECTIONS = 50

NEGLIGIBLE = 1e-12
"""A numerator below this, where the current is 0 to rounding, is 0: it is of second order."""


class UnboundedObjectiveError(QbnumError, ValueError):
    """A quotient has no maximum: its denominator vanishes where its numerator does not."""


def equilibrium_distance(problem: Problem, x: Array) -> float:
    """Return how far the leads are from each other's equilibrium, in units of temperature."""
    p = {name: float(v) for name, v in problem.space.junction(x).parameters.items()}
    apart = (abs(p[f"left.{q}"] - p[f"right.{q}"]) for q in ("mu", "temperature"))
    return max(apart) / min(p["left.temperature"], p["right.temperature"])


def refuse_unbounded(problem: Problem, u: Array) -> None:
    """Raise if the objective's denominator vanishes in the box and its numerator does not.

    Raises
    ------
    ParameterError
        A coupling may be 0.
    UnboundedObjectiveError
        Elsewhere; the message says where.
    """
    objective, space = problem.objective, problem.space
    if objective.denominator is None:
        return
    for k, name in enumerate(space.names):
        if name.endswith("coupling") and space.lower[k] == 0:
            raise ParameterError(
                f"bounds of {name} begin at 0, where {objective.denominator} vanishes; for "
                f"{objective.name} give a lower bound > 0"
            )
    _refuse_equal_leads(problem)
    if objective.denominator == "charge_current":
        _refuse_reversal(problem, u)


def _refuse_equal_leads(problem: Problem) -> None:
    """Raise if the leads may be in one equilibrium that is not the battery's."""
    space, objective = problem.space, problem.objective
    start = space.junction(space.lower).parameters

    def linear(*terms: tuple[str, float]) -> tuple[Array, float]:
        """Return a sum of fields as a linear function of the parameters."""
        parts = [[w * (f in space.fields[name]) for name in space.names] for f, w in terms]
        slope = np.sum(parts, axis=0)
        return slope, float(sum(w * start[f] for f, w in terms) - slope @ space.lower)

    equal = [linear((f"left.{q}", 1.0), (f"right.{q}", -1.0)) for q in ("mu", "temperature")]
    moved = [linear((f"left.{q}", 1.0), (f"{q}_eq", -1.0)) for q in ("mu", "temperature")]
    box = list(zip(space.lower.tolist(), space.upper.tolist(), strict=True))
    rows: Any = np.stack([row for row, _ in equal])
    constants: Any = -np.array([constant for _, constant in equal])
    for slope, offset in moved:
        for sign in (1.0, -1.0):
            found: Any = linprog(
                sign * slope,
                A_eq=rows,
                b_eq=constants,
                bounds=box,
            )
            if found.status != 0:
                return  # the leads differ throughout
            away = abs(slope @ found.x + offset)
            if objective.numerator == "entropy" or away > 1e-9:
                raise UnboundedObjectiveError(_message(problem, found.x, "the leads are alike"))


def _refuse_reversal(problem: Problem, u: Array) -> None:
    """Raise if the current changes sign where the numerator is not 0."""
    objective, space = problem.objective, problem.space
    values, _ = problem.observables(space.parameters(u))
    current = values["charge_current"]
    order = np.argsort(np.where(np.isfinite(current), current, 0.0))
    lowest, highest = order[:PAIRS], order[::-1][:PAIRS]
    pairs = [(a, b) for a, b in zip(lowest, highest, strict=True) if current[a] < 0 < current[b]]
    if not pairs:
        return
    below, above = (u[list(ends)] for ends in zip(*pairs, strict=True))
    for _ in range(BISECTIONS):
        middle = (below + above) / 2
        found, _ = problem.observables(space.parameters(middle))
        negative = (found["charge_current"] < 0)[:, None]
        below, above = np.where(negative, middle, below), np.where(negative, above, middle)
    found, _ = problem.observables(space.parameters(above))
    top = np.where(np.isfinite(found[objective.numerator]), found[objective.numerator], 0.0)
    k = int(np.argmax(top))
    if top[k] > NEGLIGIBLE:
        raise UnboundedObjectiveError(
            _message(problem, space.parameters(above[k]), "the current changes its sign")
        )


def _message(problem: Problem, x: Array, why: str) -> str:
    objective = problem.objective
    where = ", ".join(f"{n} {v:.6g}" for n, v in zip(problem.space.names, x, strict=True))
    return (
        f"{objective.name} has no maximum in these bounds: {objective.denominator} vanishes, and "
        f"{objective.numerator} does not, at {where}, where {why}; give bounds that leave this out"
    )
