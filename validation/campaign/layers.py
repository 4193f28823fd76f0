"""What a layer says of some junctions, or why it does not. May import: numpy, qbnum, validation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from qbnum import OBSERVABLES
from validation.campaign.draws import Draw
from validation.checks import REFUSALS

__all__ = ["CRASHED", "REFUSED", "Evaluate", "each", "strictly"]

Evaluate = Callable[..., Any]
"""`qbnum.steady_state`, or what is put to the test in its place."""

T = TypeVar("T")

REFUSED, CRASHED = "refused", "crashed"

Problem = tuple[str, str]
"""`REFUSED` or `CRASHED`, and the error's type and message."""


def strictly(evaluate: Evaluate, *arguments: Any, **options: Any) -> Any:
    """Return the steady state; a warning is an error, and so is a number that is not finite."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        state = evaluate(*arguments, **options)
    for name in OBSERVABLES:
        for numbers in (getattr(state, name), state.error_estimate[name]):
            if not np.isfinite(numbers).all():
                raise FloatingPointError(f"{name} is not finite")
    return state


def each(
    draws: Sequence[Draw], work: Callable[[Sequence[Draw]], T]
) -> tuple[list[tuple[Sequence[Draw], T]], dict[int, Problem]]:
    """Do the work for all draws together, or where that fails for smaller groups of them.

    Parameters
    ----------
    draws : sequence of Draw
    work : callable
        Takes some of the draws. A typed refusal is an answer, any other error a crash: neither
        ends the campaign.

    Returns
    -------
    list of (draws, result)
        Of the groups for which it could be done.
    dict
        By number of the draw, why it could not be done for that one alone.
    """
    try:
        return [(draws, work(draws))], {}
    except Exception as error:
        if len(draws) == 1:
            kind = REFUSED if isinstance(error, REFUSALS) else CRASHED
            return [], {draws[0].number: (kind, f"{type(error).__name__}: {error}")}
    half = len(draws) // 2
    parts = [each(some, work) for some in (draws[:half], draws[half:])]
    return parts[0][0] + parts[1][0], parts[0][1] | parts[1][1]
