"""Errors of qbnum over the whole random domain, held against the certified reference.

Run: python -m benchmarks.accuracy [--cases 2000] [--seed N] [--processes 2] [--output FILE]

For every observable: the median, the 99.9 % and the worst error, how often the error estimate
covers the truth, and which case was worst. The error is the relative one; for E, I, J and sigma,
which change sign, and for X2, which is as well conditioned as the square of N - N_eq, it is
relative to the absolute integral that `SteadyState.absolute_integral` states. Cases in which a
layer refuses are counted, not dropped. Each junction costs the reference 0.1 to 0.5 s.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from mpmath import mpf
from rich.console import Console
from rich.progress import track
from rich.table import Table

import qbnum
import validation
from validation.cases import random_cases
from validation.metrics import SIGN_CHANGING

DIGITS = 20  # the reference's, so that its own radius is nothing beside a double's ulp
GOALS = {"median": 1e-14, "99.9 %": 1e-12, "worst": 1e-10}
COVERED = 0.999
BY_ABSOLUTE_INTEGRAL = {*SIGN_CHANGING, "two_state_exergy"}
UNDERFLOW = 1e-290  # below, an absolute error is what doubles can promise


@dataclass(frozen=True)
class Found:
    """One observable of one case: its error, and whether the estimate covers it."""

    slug: str
    observable: str
    error: float
    covered: bool


def judge(number: int, seed: int) -> list[Found] | str:
    """Return what one random case gives, or why a layer refused it."""
    case = random_cases(seed, number + 1)[number]
    try:
        right = validation.reference(case.junction, DIGITS, bound_states=case.occupation)
        state = qbnum.steady_state(case.junction, bound_states=case.occupation)
    except (validation.ValidationError, qbnum.QbnumError) as refusal:
        return f"{case.slug}: {type(refusal).__name__}: {refusal}"
    found = []
    for name in right:
        value = mpf(getattr(state, name))
        miss = abs(value - right[name].mid)
        scale = abs(right[name].mid)
        if name in BY_ABSOLUTE_INTEGRAL:
            scale = max(scale, mpf(state.absolute_integral[name]))
        error = 0.0 if miss < UNDERFLOW else float(miss / scale)
        found.append(Found(case.slug, name, error, bool(miss <= state.error_estimate[name])))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000, help="how many junctions")
    parser.add_argument("--seed", type=int, default=1, help="of the random domain")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--output", type=Path, help="every error, as JSON")
    options = parser.parse_args()
    console = Console()
    with ProcessPoolExecutor(options.processes) as pool:
        outcomes = list(
            track(
                pool.map(partial(judge, seed=options.seed), range(options.cases), chunksize=4),
                total=options.cases,
                console=console,
                description="judging",
            )
        )
    refusals = [outcome for outcome in outcomes if isinstance(outcome, str)]
    by_observable: dict[str, list[Found]] = defaultdict(list)
    for outcome in outcomes:
        for found in [] if isinstance(outcome, str) else outcome:
            by_observable[found.observable].append(found)
    table = Table(title=f"Errors of qbnum over {options.cases} random junctions")
    for heading in ("observable", "median", "99 %", "99.9 %", "worst", "covered", "worst case"):
        table.add_column(heading, justify="left" if "case" in heading else "right")
    met = dict.fromkeys((*GOALS, "covered"), True)
    for name, values in by_observable.items():
        errors = np.array([value.error for value in values])
        quantiles = dict(
            zip(
                ("median", "99 %", "99.9 %", "worst"),
                np.quantile(errors, [0.5, 0.99, 0.999, 1.0]),
                strict=True,
            )
        )
        covered = np.mean([value.covered for value in values])
        for goal, limit in GOALS.items():
            met[goal] &= bool(quantiles[goal] < limit)
        met["covered"] &= bool(covered >= COVERED)
        worst = values[int(errors.argmax())].slug
        table.add_row(
            name, *(f"{q:.0e}" for q in quantiles.values()), f"{100 * covered:.2f} %", worst
        )
    console.print(table)
    console.print(f"{len(refusals)} refused")
    for refusal in refusals[:10]:
        console.print("  " + refusal, markup=False)
    limits = {name: f"< {limit:.0e}" for name, limit in GOALS.items()}
    for goal, text in (limits | {"covered": f">= {100 * COVERED} %"}).items():
        console.print(f"goal {goal} {text}: {'met' if met[goal] else 'not met'}")
    if options.output:
        records = [asdict(value) for values in by_observable.values() for value in values]
        options.output.write_text(json.dumps({"refusals": refusals, "errors": records}))


if __name__ == "__main__":
    main()
