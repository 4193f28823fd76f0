"""``qbval reference show``: the table's cases, or one of them. May import: rich, validation."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from validation.commands.console import AGREED, bad_input, out, print_json
from validation.reference_table.table import ReferenceTable, TableCase, TableError, load_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load", "plain_table", "show"]


def show(slug: str | None, path: Path | None, as_json: bool = False) -> int:
    """Print the list of cases, or one of them, and return the exit code."""
    table = load(path)
    if slug is None and as_json:
        print_json(_listing(table))
        return AGREED
    if slug is None:
        listing = plain_table(
            "case", "regime", "bound states", "difficulties", wrapped="difficulties"
        )
        for case in table.cases:
            count = str(len(case.bound_states) or "")
            listing.add_row(case.slug, case.regime, count, ", ".join(case.difficulties))
        out().print(listing)
        return AGREED
    if slug not in table.by_slug:
        near = [name for name in table.by_slug if slug and slug in name][:3]
        near = near or get_close_matches(slug, table.by_slug)
        hint = f"there is {', '.join(near)}" if near else "'qbval reference show' lists them"
        bad_input(f"no case {slug!r} in the table; {hint}.")
    if as_json:
        print_json(_case_data(table, table.by_slug[slug]))
    else:
        _show_case(table.by_slug[slug])
    return AGREED


def _listing(table: ReferenceTable) -> dict[str, Any]:
    return {
        "schema": "qbval-reference-cases",
        "schema_version": 1,
        "table_version": table.version,
        "cases": [
            {
                "id": case.slug,
                "regime": case.regime,
                "bound_states": len(case.bound_states),
                "difficulties": list(case.difficulties),
            }
            for case in table.cases
        ],
    }


def _case_data(table: ReferenceTable, case: TableCase) -> dict[str, Any]:
    return {
        "schema": "qbval-reference-case",
        "schema_version": 1,
        "table_version": table.version,
        "id": case.slug,
        "regime": case.regime,
        "difficulties": list(case.difficulties),
        "reason": case.reason,
        "sources": list(case.sources),
        "inputs": {
            name: {"decimal": text, "hex": case.hex[name]} for name, text in case.inputs.items()
        },
        "occupations": list(case.occupations),
        "bound_states": [
            {"energy": energy, "weight": weight} for energy, weight in case.bound_states
        ],
        "values": {
            name: {
                "value": value.value,
                "radius": value.radius,
                "condition": value.condition,
            }
            for name, value in case.values.items()
        },
    }


def _show_case(case: TableCase) -> None:
    console = out()
    console.print(f"[bold]{case.slug}[/]: {case.regime}, {', '.join(case.difficulties)}")
    console.print(" ".join([case.reason, *(f"({source})" for source in case.sources)]))
    inputs = plain_table("input", "decimal", "the double")
    for name, text in case.inputs.items():
        inputs.add_row(name, text, case.hex[name])
    for index, n in enumerate(case.occupations, start=1):
        inputs.add_row(f"occupation {index}", repr(n), n.hex())
    console.print(inputs)
    for energy, weight in case.bound_states:
        console.print(f"Bound state: energy {energy}, weight {weight}", soft_wrap=True)
    values = plain_table("observable", "value", "radius", "condition")
    for name, value in case.values.items():
        condition = "-" if value.condition is None else f"{value.condition:.3g}"
        values.add_row(name, value.value, value.radius, condition)
    console.print(values)


def load(path: Path | None) -> ReferenceTable:
    """Return a table, the shipped one by default, or exit and say what is wrong with it."""
    try:
        return load_table(path)
    except TableError as error:
        bad_input(f"{error}.")


def plain_table(*columns: str, wrapped: str = "") -> Table:
    """Return an empty table, whose columns are never folded but for the one ``wrapped``."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, no_wrap=column != wrapped)
    return table
