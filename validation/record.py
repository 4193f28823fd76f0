"""The machine-readable record of a run: JSON, written atomically.

Everything but the entry ``run`` (when, how long, where) depends only on the options, so that two
records can be compared (`validation.compare`). Its shape is fixed by ``record.schema.json`` beside
this module, to which `read_record` holds every file. May import: jsonschema (inside functions),
numpy and versions of the rest.
"""

from __future__ import annotations

import json
import math
import platform
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.checks import CHECKS, Row, Verdict
from validation.errors import ValidationError, shown
from validation.files import write_atomically
from validation.runner import CheckSummary, digits_of
from validation.strict_json import read_json, what_is_wrong
from validation.versions import versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from validation.cases import Case

__all__ = [
    "SCHEMA_FILE",
    "SCHEMA_VERSION",
    "RecordError",
    "build_record",
    "digits_by",
    "read_record",
    "record_text",
    "write_record",
]

SCHEMA = "qbval-record"
SCHEMA_VERSION = 2
SCHEMA_FILE = Path(__file__).with_name("record.schema.json")
"""JSON Schema (draft 2020-12) of a record."""


class RecordError(ValidationError, ValueError):
    """A file is not a record that this version can read."""


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
        "digits": _digits(rows, by_slug),
        "digits_by_observable": digits_by(rows, lambda row: row.observable),
        "digits_by_regime": digits_by(rows, lambda row: by_slug[row.case].regime),
        "results": _results(rows),
        "run": {"platform": platform.platform(), **run},
    }


def overall(summaries: Sequence[CheckSummary]) -> str:
    """Return ``agreed`` only if every check agreed and something was compared."""
    if any(summary.verdict == "disagreed" for summary in summaries):
        return "disagreed"
    return "agreed" if any(summary.verdict == "agreed" for summary in summaries) else "empty"


def digits_by(rows: Iterable[Row], key: Any) -> dict[Any, dict[str, dict[str, float]]]:
    """Return the digits of qbnum against the reference: key, then group, then figures.

    Only rows of the check ``observables`` that were compared count.
    """
    found: dict[Any, dict[str, list[float]]] = {}
    for row in rows:
        if row.check == "observables" and row.verdict in (Verdict.AGREED, Verdict.DISAGREED):
            found.setdefault(key(row), {}).setdefault(row.group, []).append(digits_of(row.error))
    return {
        name: {group: _figures(digits) for group, digits in groups.items()}
        for name, groups in found.items()
    }


def _figures(digits: Sequence[float]) -> dict[str, float]:
    return {
        "count": len(digits),
        "min": round(min(digits), 3),
        "median": round(statistics.median(digits), 3),
    }


def _digits(rows: Iterable[Row], by_slug: Mapping[str, Case]) -> list[dict[str, Any]]:
    """Return the same figures for each observable, regime and group, one entry for each."""
    found = digits_by(rows, lambda row: (row.observable, by_slug[row.case].regime))
    return [
        {"observable": observable, "regime": regime, "group": group, **figures}
        for (observable, regime), groups in found.items()
        for group, figures in groups.items()
    ]


def _results(rows: Iterable[Row]) -> dict[str, dict[str, dict[str, float | str]]]:
    """Return every comparison as check -> case -> observable -> judged error.

    Three significant digits of it, or ``refused`` or ``crashed``. Of several comparisons with one
    name the worst stands.
    """
    results: dict[str, dict[str, dict[str, float | str]]] = {}
    for row in rows:
        case = results.setdefault(row.check, {}).setdefault(row.case, {})
        entry = _result(row)
        if row.observable not in case or _badness(entry) > _badness(case[row.observable]):
            case[row.observable] = entry
    return results


def _result(row: Row) -> float | str:
    if row.verdict in (Verdict.REFUSED, Verdict.CRASHED):
        return row.verdict.value
    return _number(float(f"{row.error:.2e}"))


def _badness(entry: float | str) -> tuple[int, float]:
    order = ("inf", "nan", "refused", "crashed")
    return (1 + order.index(entry), 0.0) if isinstance(entry, str) else (0, entry)


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
        given = case.bound_states
        entry["bound_states"] = list(given) if isinstance(given, tuple) else given
        entry["command"] = case.command()
    return entry


def _number(value: float) -> float | str:
    """Return a float that JSON can hold; infinities and NaN become text."""
    # NumPy's doubles, which are floats too, have a repr of their own.
    return float(value) if math.isfinite(value) else repr(float(value))


def record_text(record: Mapping[str, Any]) -> str:
    """Return the record as JSON."""
    return json.dumps(record, indent=1, allow_nan=False) + "\n"


def write_record(record: Mapping[str, Any], path: Path) -> None:
    """Write the record to ``path``, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written there.
    """
    write_atomically(path, record_text(record))


def read_record(path: Path) -> dict[str, Any]:
    """Return the record in a file.

    Parameters
    ----------
    path : Path
        A file that `write_record` wrote.

    Raises
    ------
    RecordError
        There is no such file, it is not JSON, not a record, or one of another version. The message
        names the offending key.
    """
    again = "give a file that 'qbval run --output FILE' wrote"
    try:
        record = read_json(path)
    except ValueError as error:
        raise RecordError(f"{path} {error}; {again}.") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RecordError(f"{path} is not a record ('schema' is not {SCHEMA!r}); {again}.")
    version = record.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise RecordError(
            f"{path} has schema_version {shown(version)}, and only {SCHEMA_VERSION} can be read; "
            f"write it anew with 'qbval run' of this version."
        )
    wrong = what_is_wrong(record, SCHEMA_FILE)
    if wrong:
        raise RecordError(
            f"{path} does not keep to the schema of records: {wrong}; write it anew with "
            f"'qbval run'."
        )
    return dict(record)
