"""The machine-readable record of a run: JSON, written atomically.

Everything but the entry ``run`` (when, how long, where) depends only on the options, so that two
records of one version can be compared. May import: numpy and versions of the rest.
"""

from __future__ import annotations

import json
import math
import platform
import statistics
from importlib import metadata
from typing import TYPE_CHECKING, Any

from validation.checks import CHECKS, Row, Verdict
from validation.files import write_atomically
from validation.runner import CheckSummary, digits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from validation.cases import Case

__all__ = ["SCHEMA_VERSION", "build_record", "digits_by", "write_record"]

SCHEMA = "qbval-record"
SCHEMA_VERSION = 1

PACKAGES = ("qbval", "gmpy2", "mpmath", "numpy", "python-flint", "scipy", "sympy")


def build_record(
    options: Mapping[str, Any],
    cases: Sequence[Case],
    rows: Sequence[Row],
    summaries: Sequence[CheckSummary],
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the record as plain data.

    Parameters
    ----------
    options : mapping
        What the run was asked for, the seed included.
    cases : sequence of Case
        The cases that were in it.
    rows, summaries : sequences
        Results, as of `validation.runner`.
    run : mapping
        What may differ from run to run: start, duration, workers.
    """
    by_slug = {case.slug: case for case in cases}
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "verdict": overall(summaries),
        "options": dict(options),
        "versions": versions(),
        "cases": {
            group: sum(case.group == group for case in cases)
            for group in ("paper", "corner", "random")
        },
        "comparisons": sum(summary.comparisons for summary in summaries),
        "checks": [_check(summary, by_slug) for summary in summaries],
        "digits_by_observable": digits_by(rows, lambda row: row.observable),
        "digits_by_regime": digits_by(rows, lambda row: by_slug[row.case].regime),
        "run": {"platform": platform.platform(), **run},
    }


def overall(summaries: Sequence[CheckSummary]) -> str:
    """Return ``agreed`` only if every check agreed and something was compared."""
    if any(summary.verdict == "disagreed" for summary in summaries):
        return "disagreed"
    return "agreed" if any(summary.verdict == "agreed" for summary in summaries) else "empty"


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers depend on."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def digits_by(rows: Iterable[Row], key: Any) -> dict[str, dict[str, dict[str, float]]]:
    """Return the digits of qbnum against the reference: key, then group, then figures.

    Only rows of the check ``observables`` that were compared count.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        if row.check == "observables" and row.verdict in (Verdict.AGREED, Verdict.DISAGREED):
            found.setdefault(key(row), {}).setdefault(row.group, []).append(digits_of(row.error))
    return {
        name: {
            group: {
                "count": len(digits),
                "min": round(min(digits), 3),
                "median": round(statistics.median(digits), 3),
            }
            for group, digits in groups.items()
        }
        for name, groups in found.items()
    }


def _check(summary: CheckSummary, by_slug: Mapping[str, Case]) -> dict[str, Any]:
    check = CHECKS[summary.check.name]
    return {
        "name": check.name,
        "claim": check.claim,
        "tolerance": check.tolerance,
        "verdict": summary.verdict,
        "cases": summary.cases,
        "comparisons": summary.comparisons,
        "refused": summary.refused,
        "disagreed": summary.disagreed,
        "crashed": summary.crashed,
        "worst_error": _number(summary.worst_error),
        "digits": None if summary.digits is None else round(summary.digits, 3),
        "worst": [_row(row, by_slug) for row in summary.worst],
        "failures": [_row(row, by_slug) for row in summary.failures],
    }


def _row(row: Row, by_slug: Mapping[str, Case]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "case": row.case,
        "group": row.group,
        "observable": row.observable,
        "verdict": row.verdict.value,
        "error": _number(row.error),
        "relative_error": _number(row.plain),
        "error_of_absolute_integral": _number(row.scaled),
        "tolerance": _number(row.tolerance),
        "value": row.value,
        "expected": row.expected,
    }
    case = by_slug.get(row.case)
    if case is not None:
        entry["inputs"] = {
            name: {"repr": repr(value), "hex": value.hex()}
            for name, value in case.parameters.items()
        }
        entry["bound_states"] = case.bound_states
        entry["command"] = case.command()
    return entry


def _number(value: float) -> float | str:
    """Return a float that JSON can hold; infinities and NaN become text."""
    return value if math.isfinite(value) else repr(value)


def write_record(record: Mapping[str, Any], path: Path) -> None:
    """Write the record to ``path``, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written there.
    """
    write_atomically(path, json.dumps(record, indent=1, allow_nan=False) + "\n")
