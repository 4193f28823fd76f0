"""The proof of a reference table: its files agree, and every value comes out again.

May import: jsonschema (inside functions), mpmath, validation.cases, .exact,
.reference_table.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from mpmath import mp

from validation.enclosure import distance
from validation.exact import PARAMETERS
from validation.reference_table.build import described
from validation.reference_table.table import (
    CASES_FILE,
    DATA,
    JSON_FILE,
    SCHEMA_FILE,
    VALUES_FILE,
    ReferenceTable,
    TableCase,
    cases_csv,
    values_csv,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from validation.cases import Case

__all__ = [
    "CONDITION_TOLERANCE",
    "EXTRA_DIGITS",
    "Comparison",
    "check_files",
    "check_selection",
    "compare_cases",
]

EXTRA_DIGITS = 5
"""Digits beyond the table's with which values are computed anew: rounded to the same digits, an
error of one unit of the last place would pass, and agreement below it would not show."""

CONDITION_TOLERANCE = 0.02
"""Relative difference allowed between condition numbers, which are good to two digits."""

MAX_PROBLEMS = 10
"""Violations of the schema that are listed one by one."""


def check_files(directory: Path, table: ReferenceTable) -> list[str]:
    """Return what is wrong with the files of a table: schema, decimals and hex, CSV and JSON."""
    return [*_schema(directory), *_inputs(table), *_csv(directory, table)]


def _schema(directory: Path) -> list[str]:
    import jsonschema

    schema = json.loads((DATA / SCHEMA_FILE).read_text(encoding="utf-8"))
    record = json.loads((directory / JSON_FILE).read_text(encoding="utf-8"))
    found = jsonschema.Draft202012Validator(schema).iter_errors(record)
    # A message begins with the whole instance and ends with what is wrong with it.
    problems = [f"{JSON_FILE}, {error.json_path}: {error.message[-100:]}" for error in found]
    more = len(problems) - MAX_PROBLEMS
    return problems if more <= 0 else [*problems[:MAX_PROBLEMS], f"... and {more} more"]


def _inputs(table: ReferenceTable) -> list[str]:
    """Hold each decimal input against its double; slugs must be unique."""
    problems = [
        f"{case.slug}: {name} = {case.inputs[name]} is not the double {case.hex[name]}"
        for case in table.cases
        for name in PARAMETERS
        if float(case.inputs[name]) != float.fromhex(case.hex[name])
    ]
    if len(table.by_slug) != len(table.cases):
        problems.append("two cases have the same name")
    return problems


def _csv(directory: Path, table: ReferenceTable) -> list[str]:
    problems = []
    for name, expected in ((CASES_FILE, cases_csv(table)), (VALUES_FILE, values_csv(table))):
        try:
            text = (directory / name).read_bytes().decode("utf-8")
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
            continue
        if text != expected:
            problems.append(f"{name} differs from {JSON_FILE}{_first_difference(text, expected)}")
    return problems


def _first_difference(text: str, expected: str) -> str:
    rows, right = csv.reader(text.splitlines()), csv.reader(expected.splitlines())
    for number, (row, other) in enumerate(zip(rows, right, strict=False), start=1):
        if row != other:
            return f" in line {number}: {','.join(row)[:100]!r}"
    return " in its number of lines"


def check_selection(table: ReferenceTable, selection: Sequence[Case]) -> list[str]:
    """Return where the table's cases are not those that it ought to hold.

    Parameters
    ----------
    table : ReferenceTable
    selection : sequence of Case
        The cases of the selection that the provenance names.
    """
    problems = []
    dropped = {entry["slug"] for entry in table.provenance["dropped"]}
    expected = {case.slug: case for case in selection if case.slug not in dropped}
    problems += [f"{slug}: missing" for slug in expected if slug not in table.by_slug]
    for case in table.cases:
        if case.slug not in expected:
            problems.append(f"{case.slug}: not in the selection")
            continue
        for name, right in described(expected[case.slug]).items():
            if getattr(case, name) != right:
                problems.append(f"{case.slug}: {name} is {getattr(case, name)}, not {right}")
    return problems


@dataclass(frozen=True)
class Comparison:
    """A case of the table against the same case computed anew.

    Parameters
    ----------
    regime : str
    values : int
        Enclosures compared.
    worst : float
        Largest distance of two midpoints in units of the sum of their radii: above 1 the two
        exclude each other.
    right_digits : float
        Fewest digits that the shipped radii vouch for, relative to abs(value) or, where the
        integrand changes sign, to the integral of its absolute value.
    problems : tuple of str
    """

    regime: str
    values: int
    worst: float
    right_digits: float
    problems: tuple[str, ...]


def compare_cases(
    shipped: TableCase, computed: TableCase, *, conditions: bool = True
) -> Comparison:
    """Return how a case agrees with the same case computed anew.

    Every two enclosures must overlap, condition numbers (if they were computed) agree to two
    digits, and bound states to one unit of the last place.
    """
    problems: list[str] = []
    worst, digits = 0.0, math.inf
    for name, value in shipped.values.items():
        ours, theirs = value.enclosure, computed.values[name].enclosure
        with mp.workdps(30):
            gap, reach = distance(ours, theirs), ours.radius + theirs.radius
            ratio = float(gap / reach) if reach else 0.0 if gap == 0 else math.inf
            worst = max(worst, ratio)
            if ours.radius:
                digits = min(digits, float(-mp.log10(ours.radius / ours.absolute_integral)))
        if ratio > 1:
            problems.append(
                f"{shipped.slug}: {name} = {value.value} +- {value.radius}, computed anew "
                f"{computed.values[name].value} +- {computed.values[name].radius}"
            )
        if conditions and not _close(value.condition, computed.values[name].condition):
            problems.append(
                f"{shipped.slug}: condition number of {name} {value.condition}, computed anew "
                f"{computed.values[name].condition}"
            )
    problems += _bound_states(shipped, computed)
    return Comparison(shipped.regime, len(shipped.values), worst, digits, tuple(problems))


def _close(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=CONDITION_TOLERANCE)


def _bound_states(shipped: TableCase, computed: TableCase) -> list[str]:
    problems = []
    digits = next(iter(shipped.values.values())).digits
    if shipped.occupations != computed.occupations:
        problems.append(f"{shipped.slug}: occupations {shipped.occupations}")
    pairs = zip(shipped.bound_states, computed.bound_states, strict=False)
    same = len(shipped.bound_states) == len(computed.bound_states) and all(
        _last_place(a, b, digits) for pair in pairs for a, b in zip(*pair, strict=True)
    )
    if not same:
        problems.append(
            f"{shipped.slug}: bound states {shipped.bound_states}, computed anew "
            f"{computed.bound_states}"
        )
    return problems


def _last_place(first: str, second: str, digits: int) -> bool:
    """Return whether two decimals differ by no more than one unit of the last of so many digits."""
    a, b = Decimal(first), Decimal(second)
    unit = Decimal(1).scaleb(max(a.adjusted(), b.adjusted()) - digits + 1)
    return abs(Context(prec=digits + 10).subtract(a, b)) <= unit
