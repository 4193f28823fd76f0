"""The fast layer against itself: what exact symmetries, other company and machine code must keep.

A symmetry is broken where two values differ by more than the sum of their error estimates; a
change of the unit of energy by a power of two, and the company in which a junction is computed,
must not change a bit. May import: numpy, qbnum, validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

import qbnum
from validation.campaign.draws import Draw, draw, joined
from validation.campaign.layers import Evaluate, each, strictly
from validation.checks import symmetries as sym
from validation.metrics import SMALLEST_NORMAL

__all__ = ["CHECKS", "compare_images"]

Values = Mapping[str, Any]

CHECKS = {
    "exchange": "leads exchanged: within both estimates",
    "particle-hole": "energies reflected: within both estimates",
    "shift": "origin of energy moved: within both estimates",
    "scale": "unit of energy times 2^-20, among others in another order: not a bit changed",
    "compiled": "machine code (numba) and NumPy: within both estimates",
}
"""What is held against what; `compiled` only where numba is installed."""


def compare_images(
    seed: int, start: int, stop: int, evaluate: Evaluate = qbnum.steady_state
) -> dict[str, Any]:
    """Hold the draws from ``start`` to ``stop`` against their images.

    Returns
    -------
    dict
        ``compared``, ``outside`` and ``worst`` (difference over what is allowed) by check and
        stratum; ``failures`` as (number, check, observable, ratio); ``problems`` as (number, kind,
        message). Plain data.
    """
    draws = [draw(seed, number) for number in range(start, stop)]
    groups, problems = each(draws, lambda some: _ratios(some, evaluate))
    counted: dict[str, dict[str, dict[str, float]]] = {}
    failures = []
    for some, ratios in groups:
        for check, table in ratios.items():
            for column, one in enumerate(some):
                found = table[:, column]
                entry = counted.setdefault(check, {}).setdefault(
                    one.stratum, {"compared": 0, "outside": 0, "worst": 0.0}
                )
                seen = found[~np.isnan(found)]
                entry["compared"] += seen.size
                entry["outside"] += int((seen > 1).sum())
                entry["worst"] = max(entry["worst"], float(seen.max(initial=0.0)))
                failures += [
                    (one.number, check, name, float(ratio))
                    for name, ratio in zip(qbnum.OBSERVABLES, found, strict=True)
                    if ratio > 1
                ]
    return {
        "checks": counted,
        "failures": sorted(failures),
        "problems": [(number, *problem) for number, problem in sorted(problems.items())],
    }


def _ratios(draws: Sequence[Draw], evaluate: Evaluate) -> dict[str, Any]:
    """Return by check |difference|/allowed, shape (observables, draws); NaN where not compared."""
    junction, n = joined(draws)

    def state(of: qbnum.Junction, occupation: Any = n, **options: Any) -> tuple[Values, Values]:
        found = strictly(evaluate, of, bound_states=occupation, **options)
        values = {name: np.asarray(getattr(found, name)) for name in qbnum.OBSERVABLES}
        return values, found.error_estimate

    here, error = state(junction)

    def mapped(change: Callable[[Values], Values], image: tuple[Values, Values]) -> Any:
        allowed = {k: image[1][k] + np.abs(v) for k, v in change(error).items()}
        return _shares(image[0], change(here), allowed)

    mirrored, mirrored_error = state(junction.reflected(), 1.0 - n)
    both = {name: error[name] + mirrored_error[name] for name in error}
    ratios = {
        "exchange": mapped(sym.exchanged, state(junction.exchanged())),
        "particle-hole": _shares(*sym.reflected(here, mirrored, junction.level), both),
    }
    base, energy = sym.on_grid(junction)
    moved = base.shifted(energy)
    (before, before_error), (after, after_error) = state(base), state(moved)
    allowed = {k: after_error[k] + v for k, v in sym.shifted(before_error, energy).items()}
    exact = sym.exactly_shifted(base, moved, energy)
    ratios["shift"] = np.where(exact, _shares(after, sym.shifted(before, energy), allowed), np.nan)
    others, of_others = joined(draws[::-1])
    scaled, _ = state(others.scaled(sym.FACTOR), of_others)
    nothing = dict.fromkeys(qbnum.OBSERVABLES, np.zeros(len(draws)))
    ratios["scale"] = _shares(
        {name: value[::-1] for name, value in scaled.items()},
        sym.scaled(here, sym.FACTOR),
        nothing,
    )
    if find_spec("numba") is not None:
        ratios["compiled"] = mapped(dict, state(junction, engine="compiled"))
    return ratios


def _shares(values: Values, expected: Values, allowed: Values) -> Any:
    rows = [
        np.abs(values[name] - expected[name]) / (allowed[name] + SMALLEST_NORMAL)
        for name in qbnum.OBSERVABLES
    ]
    return np.stack(rows)
