"""The fast layer's true errors, by certified enclosures. May import: numpy, qbnum, validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpmath import mpf

import qbnum
import validation
from validation.campaign.draws import Draw, draw, joined
from validation.campaign.layers import REFUSED, Evaluate, each, strictly
from validation.enclosure import Enclosure, distance
from validation.errors import ValidationError
from validation.metrics import SIGN_CHANGING, SMALLEST_NORMAL, compare

__all__ = ["compare_certified"]


def compare_certified(
    seed: int, start: int, stop: int, digits: int, evaluate: Evaluate = qbnum.steady_state
) -> dict[str, Any]:
    """Hold the draws from ``start`` to ``stop`` against certified enclosures.

    Returns
    -------
    dict
        ``junctions``: number, and for each observable |error|/estimate and digits of agreement
        (None where one layer has no value); the enclosure's radius counts as error. ``alone``:
        numbers of the draws whose values differ from those in an array. ``problems`` as (number,
        kind, message). Plain data.
    """
    draws = [draw(seed, number) for number in range(start, stop)]
    together: dict[int, tuple[float, ...]] = {}
    groups, problems = each(draws, lambda some: _values(some, evaluate))
    for some, values in groups:
        together |= {d.number: row for d, row in zip(some, values, strict=True)}
    rows, alone, refused = [], [], [(k, *why) for k, why in problems.items()]
    for one in draws:
        if one.number in problems:
            continue
        found, why = each([one], lambda some: _judged(some[0], digits, evaluate))
        refused += [(number, *problem) for number, problem in why.items()]
        for _, (own, ratios, agreed, refusals) in found:
            rows.append((one.number, ratios, agreed))
            refused += [(one.number, REFUSED, message) for message in refusals]
            if own != together[one.number]:
                alone.append(one.number)
    return {"junctions": rows, "alone": alone, "problems": sorted(refused)}


def _values(draws: Sequence[Draw], evaluate: Evaluate) -> list[tuple[float, ...]]:
    """Return the observables of each draw, computed together."""
    junction, n = joined(draws)
    state = strictly(evaluate, junction, bound_states=n)
    return list(zip(*(getattr(state, name).tolist() for name in qbnum.OBSERVABLES), strict=True))


def _judged(
    one: Draw, digits: int, evaluate: Evaluate
) -> tuple[tuple[float, ...], list[float | None], list[float | None], list[str]]:
    """Return values, ratios of error and estimate, digits, and what the reference refused."""
    state = strictly(evaluate, one.junction, bound_states=one.occupation)
    reference = validation.reference(one.junction, digits=digits, bound_states=one.occupation)
    values = tuple(float(getattr(state, name)) for name in qbnum.OBSERVABLES)
    ratios: list[float | None] = []
    agreed: list[float | None] = []
    refusals = []
    for name, value in zip(qbnum.OBSERVABLES, values, strict=True):
        try:
            enclosure: Enclosure = reference[name]
        except ValidationError as error:
            refusals.append(f"{type(error).__name__}: {error}")
            ratios.append(None)
            agreed.append(None)
            continue
        wrong = distance(value, enclosure) + enclosure.radius
        estimate = max(mpf(float(state.error_estimate[name])), mpf(SMALLEST_NORMAL))
        ratios.append(float(wrong / estimate))
        found = compare(value, enclosure, sign_changing=name in SIGN_CHANGING)
        agreed.append(found.digits)
    return values, ratios, agreed, refusals
