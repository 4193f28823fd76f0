"""Which cases the reference table holds: the paper's figures, all corners, stratified draws.

May import: validation.cases.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from validation.cases import DEFAULT_SEED, Case, corner_cases, paper_cases, random_cases
from validation.cases.random_points import STRATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["DRAWS_PER_STRATUM", "POINTS_PER_PANEL", "SEED", "sample_per_regime", "select"]

SEED = DEFAULT_SEED

POINTS_PER_PANEL = 14
"""Points of each panel of the paper, evenly spread over its curves: Figs. 2 and 3 have no more."""

DRAWS_PER_STRATUM = 13
"""Random junctions of each regime: a dozen, and one that may be refused."""


def select(patterns: Sequence[str] = ()) -> tuple[Case, ...]:
    """Return the cases of the table, in a fixed order.

    Parameters
    ----------
    patterns : sequence of str
        Shell patterns of slugs; with any, only the cases that match one of them.
    """
    cases = (*_paper(), *corner_cases(), *random_cases(SEED, DRAWS_PER_STRATUM * len(STRATA)))
    if not patterns:
        return cases
    return tuple(c for c in cases if any(fnmatch.fnmatchcase(c.slug, p) for p in patterns))


def _paper() -> tuple[Case, ...]:
    """Return points of every panel of the paper."""
    cases = paper_cases()
    panels: dict[str, list[Case]] = {}
    for case in cases:
        for source in case.sources:
            panels.setdefault(source, []).append(case)
    chosen = {case.slug for points in panels.values() for case in _spread(points)}
    return tuple(case for case in cases if case.slug in chosen)


def _spread(points: Sequence[Case]) -> list[Case]:
    last, count = len(points) - 1, min(POINTS_PER_PANEL, len(points))
    return [points[round(i * last / (count - 1))] for i in range(count)]


def sample_per_regime(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return the first and the last case of every regime, in the order of the cases."""
    cases = tuple(cases)
    ends = {case.regime: case.slug for case in cases}
    firsts: dict[str, str] = {}
    for case in cases:
        firsts.setdefault(case.regime, case.slug)
    chosen = {*ends.values(), *firsts.values()}
    return tuple(case for case in cases if case.slug in chosen)
