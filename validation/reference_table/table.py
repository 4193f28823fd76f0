"""The reference table as data: records, reading and writing, JSON and CSV.

Numbers are kept as the texts that were shipped, so that nothing is rounded on the way through;
`TableValue.enclosure` gives them as a number with its radius.
May import: mpmath, validation.exact, .enclosure, .errors, .files, .references (names only).
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf

from validation.enclosure import Enclosure
from validation.errors import ParameterError, ValidationError, shown
from validation.exact import PARAMETERS, ExactJunction
from validation.files import write_atomically
from validation.strict_json import read_json, what_is_wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CASES_FILE",
    "DATA",
    "FORMAT",
    "JSON_FILE",
    "PAGE_FILE",
    "SCHEMA_FILE",
    "VALUES_FILE",
    "VERSION",
    "ReferenceTable",
    "TableCase",
    "TableError",
    "TableValue",
    "case_from_record",
    "case_record",
    "cases_csv",
    "load_table",
    "table_json",
    "values_csv",
    "write_table",
]

FORMAT = "qbval-reference-table"
VERSION = "1"
"""Version of the table's layout and selection: any change of either raises it."""

JSON_FILE = "reference.json"
SCHEMA_FILE = "reference.schema.json"
CASES_FILE = "cases.csv"
VALUES_FILE = "values.csv"
PAGE_FILE = "README.md"

DATA = Path(str(resources.files("validation.reference_table") / "data"))
"""Where the shipped table is."""

SPARE = 30
"""Digits beyond its own with which a text is read; what that rounds goes into the radius."""


class TableError(ValidationError, ValueError):
    """A reference table is missing, or a file is not one of this version."""


@dataclass(frozen=True)
class TableValue:
    """One observable of one case.

    Parameters
    ----------
    value : str
        Decimal, rounded to the table's digits.
    radius : str
        The exact value lies within it of ``value``; rounded up. ``"0"`` for exact values.
    absolute_integral : str
        The integral of abs(integrand), in the observable's unit; ``abs(value)`` for observables
        whose integrand keeps its sign.
    condition : float or None
        Condition number: the largest relative change of the value per relative change of the
        inputs; None where the value is zero, or not known to differ from it.
    backend : str
    certified : bool
        Whether the radius is proven.
    digits : int
        Digits of ``value``.
    """

    value: str
    radius: str
    absolute_integral: str
    condition: float | None
    backend: str = ""
    certified: bool = False
    digits: int = 40

    @cached_property
    def enclosure(self) -> Enclosure:
        """The value as a number with its radius, which includes the rounding of the text."""
        with mp.workdps(self.digits + SPARE):
            mid, radius = mpf(self.value), mpf(self.radius)
            radius += 4 * mp.eps * (abs(mid) + radius)
            absolute = max(abs(mid), mpf(self.absolute_integral))
            return Enclosure(mid, radius, absolute, self.certified, self.backend, self.digits)


@dataclass(frozen=True)
class TableCase:
    """One junction of the table with every observable.

    Parameters
    ----------
    slug, regime, group : str
        Name, and the keys of `validation.cases.REGIMES` and `GROUPS`.
    sources : tuple of str
        Figures of the paper, or the seed of a draw.
    reason : str
        Why the case exists.
    difficulties : tuple of str
        Keys of `validation.cases.DIFFICULTIES`, sorted.
    inputs : dict of str to str
        The thirteen `PARAMETERS` as the shortest decimals that name their doubles.
    hex : dict of str to str
        The same doubles, exactly, as hexadecimal floats.
    occupations : tuple of float
        One for each bound state, in order of energy.
    bound_states : tuple of (str, str)
        Energy and weight of each bound state, in order of energy.
    values : dict of str to TableValue
        Every name of `validation.references.OBSERVABLES`.
    """

    slug: str
    regime: str
    group: str
    sources: tuple[str, ...]
    reason: str
    difficulties: tuple[str, ...]
    inputs: dict[str, str]
    hex: dict[str, str]
    occupations: tuple[float, ...]
    bound_states: tuple[tuple[str, str], ...]
    values: dict[str, TableValue]

    @cached_property
    def junction(self) -> ExactJunction:
        """The junction of exactly these doubles."""
        return ExactJunction.from_text(self.hex)


@dataclass(frozen=True)
class ReferenceTable:
    """The reference table.

    Parameters
    ----------
    version : str
        Of the layout and the selection.
    digits : int
        Significant digits of every value.
    provenance : dict
        How it was made: backend, whether its radii are proven, command, versions, seed, and the
        cases that were left out with the reason.
    cases : tuple of TableCase
    """

    version: str
    digits: int
    provenance: dict[str, Any]
    cases: tuple[TableCase, ...]

    @cached_property
    def by_slug(self) -> dict[str, TableCase]:
        """The cases by name."""
        return {case.slug: case for case in self.cases}


def load_table(path: str | os.PathLike[str] | None = None) -> ReferenceTable:
    """Return a reference table.

    Parameters
    ----------
    path : path, optional
        A ``reference.json`` or the directory that holds it; by default the shipped table, which
        is read once.

    Raises
    ------
    TableError
        There is no such file, or it is not a reference table of this version.
    """
    return _shipped() if path is None else _read(Path(path))


@cache
def _shipped() -> ReferenceTable:
    # Tests hold the shipped file to its schema; to do so here would take seconds.
    return _table(json.loads((DATA / JSON_FILE).read_text(encoding="utf-8")))


def _read(path: Path) -> ReferenceTable:
    file = path / JSON_FILE if path.is_dir() else path
    cure = "make one with 'qbval reference build --output DIR'"
    try:
        record = read_json(file)
    except ValueError as error:
        if isinstance(error.__cause__, OSError):
            raise TableError(
                f"no reference table at {file} ({error.__cause__.strerror}); {cure}"
            ) from error
        raise TableError(f"{file} {error}; {cure}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise TableError(f"{file} is not a reference table (format {FORMAT!r}); {cure}")
    version = record.get("version")
    if version != VERSION:
        raise TableError(
            f"{file} has version {shown(version)}, this program reads {VERSION!r}; {cure}"
        )
    wrong = what_is_wrong(record, DATA / SCHEMA_FILE)
    if wrong:
        raise TableError(f"{file} does not keep to {SCHEMA_FILE}: {wrong}; {cure}")
    table = _table(record)
    for case in table.cases:
        wrong = _unsound(case)
        if wrong:
            raise TableError(f"{file}, case {case.slug}: {wrong}; {cure}")
    if len(table.by_slug) < len(table.cases):
        raise TableError(f"{file} has two cases of one name; {cure}")
    return table


def _unsound(case: TableCase) -> str:
    """Return what is wrong with a case whose texts have the right form; nothing if it is sound."""
    try:
        inputs = case.junction.parameters
    except ParameterError as error:
        return str(error)
    if any(abs(value) > sys.float_info.max for value in inputs.values()):
        return "an input is no double"
    if not all(0 <= n <= 1 for n in case.occupations):
        return "an occupation is not within 0 and 1"
    if len(case.occupations) != len(case.bound_states):
        return "there is not one occupation for each bound state"
    return ""


def _table(record: Mapping[str, Any]) -> ReferenceTable:
    provenance, digits = dict(record["provenance"]), record["digits"]
    common = {name: provenance[name] for name in ("backend", "certified", "digits")}
    cases = tuple(case_from_record(case, common) for case in record["cases"])
    return ReferenceTable(record["version"], digits, provenance, cases)


def case_from_record(record: Mapping[str, Any], common: Mapping[str, Any]) -> TableCase:
    """Return the case of one entry of the JSON; ``common`` are the fields all values share."""
    return TableCase(
        slug=record["slug"],
        regime=record["regime"],
        group=record["group"],
        sources=tuple(record["sources"]),
        reason=record["reason"],
        difficulties=tuple(record["difficulties"]),
        inputs={name: record["inputs"][name] for name in PARAMETERS},
        hex={name: record["hex"][name] for name in PARAMETERS},
        occupations=tuple(float(n) for n in record["occupations"]),
        bound_states=tuple((b["energy"], b["weight"]) for b in record["bound_states"]),
        values={name: TableValue(**value, **common) for name, value in record["values"].items()},
    )


def case_record(case: TableCase) -> dict[str, Any]:
    """Return a case as the JSON has it."""
    return {
        "slug": case.slug,
        "regime": case.regime,
        "group": case.group,
        "sources": list(case.sources),
        "reason": case.reason,
        "difficulties": list(case.difficulties),
        "inputs": case.inputs,
        "hex": case.hex,
        "occupations": [repr(n) for n in case.occupations],
        "occupations_hex": [n.hex() for n in case.occupations],
        "bound_states": [{"energy": e, "weight": z} for e, z in case.bound_states],
        "values": {
            name: {
                "value": value.value,
                "radius": value.radius,
                "absolute_integral": value.absolute_integral,
                "condition": value.condition,
            }
            for name, value in case.values.items()
        },
    }


def table_json(table: ReferenceTable) -> str:
    """Return the table as JSON."""
    record = {
        "format": FORMAT,
        "version": table.version,
        "digits": table.digits,
        "provenance": table.provenance,
        "cases": [case_record(case) for case in table.cases],
    }
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def cases_csv(table: ReferenceTable) -> str:
    """Return the inputs as CSV, one row for each case; several numbers in a field: by ``;``."""
    names = [name.replace(".", "_") for name in PARAMETERS]
    header = ["case", "group", "regime", *names, *(f"{name}_hex" for name in names)]
    header += ["occupations", "occupations_hex", "bound_state_energies", "bound_state_weights"]
    return _csv(
        header,
        (
            [
                *(case.slug, case.group, case.regime),
                *(case.inputs[name] for name in PARAMETERS),
                *(case.hex[name] for name in PARAMETERS),
                ";".join(repr(n) for n in case.occupations),
                ";".join(n.hex() for n in case.occupations),
                ";".join(energy for energy, _ in case.bound_states),
                ";".join(weight for _, weight in case.bound_states),
            ]
            for case in table.cases
        ),
    )


def values_csv(table: ReferenceTable) -> str:
    """Return the values as CSV, one row for each case and observable."""
    return _csv(
        ["case", "regime", "observable", "value", "radius", "absolute_integral", "condition"],
        (
            [
                *(case.slug, case.regime, name, value.value, value.radius),
                value.absolute_integral,
                "" if value.condition is None else repr(value.condition),
            ]
            for case in table.cases
            for name, value in case.values.items()
        ),
    )


def _csv(header: list[str], rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def write_table(table: ReferenceTable, directory: Path) -> None:
    """Write JSON and CSVs into a directory, each file whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / CASES_FILE, cases_csv(table))
    write_atomically(directory / VALUES_FILE, values_csv(table))
    write_atomically(directory / JSON_FILE, table_json(table))
