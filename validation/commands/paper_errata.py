"""``qbval paper errata``: the errata, each proven and computed again as it is shown.

May import: rich, sympy, qbsym, validation.paper.errata, .commands.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sympy
from rich import box
from rich.markup import escape
from rich.table import Table
from sympy import Basic

from validation.commands.console import AGREED, DISAGREED, bad_input, out, print_json, progress
from validation.errors import UnknownNameError
from validation.paper.errata import Written, errata, erratum
from validation.paper.errata.entry import latex_of
from validation.paper.errata.shown import SYMBOLS, Shown, show

if TYPE_CHECKING:
    from validation.paper.errata.entry import Consequence, Form

__all__ = ["run"]

WIDTH = 96
"""Columns of words and formulas in full."""

ROOMY = 100
"""Columns from which on the table says where in the paper each erratum stands."""


def run(name: str | None, verbose: bool, as_json: bool) -> int:
    """Print the errata and return the exit code.

    Parameters
    ----------
    name : str or None
        One of them, in full; None prints the table of all.
    verbose : bool
        All of them in full.
    as_json : bool
        One JSON array instead.
    """
    try:
        wanted = errata() if name is None else (erratum(name),)
    except UnknownNameError as error:
        bad_input(f"{error}.")
    found = []
    with progress("errata", total=len(wanted)) as advance:
        for entry in wanted:
            found.append(show(entry))
            advance()
    if as_json:
        print_json([_as_data(shown) for shown in found])
    elif name is None and not verbose:
        _print_table(found)
    else:
        # Plain print: formulas must not be wrapped, nor read as markup.
        print("\n\n".join("\n".join(_in_full(shown)) for shown in found))
    return AGREED if all(shown.proven and shown.agreed for shown in found) else DISAGREED


# --- The table -----------------------------------------------------------------------------------


def _moves(consequence: Consequence) -> str:
    """Return the largest displacement of a figure, in percent of its largest value."""
    if not consequence.shifts:
        return "none"
    worst = max(consequence.shifts, key=lambda shift: shift.relative)
    return f"{SYMBOLS[worst.observable]} {worst.relative:.1%}, {worst.figure}"


def _verdict(shown: Shown) -> str:
    if shown.proven and shown.agreed:
        return "proven"
    return "[bold red]PROOF FAILS[/]" if not shown.proven else "[bold red]NUMBERS DISAGREE[/]"


def _print_table(found: list[Shown]) -> None:
    console = out()
    roomy = console.width >= ROOMY
    table = Table(box=box.SIMPLE_HEAD, title="Errata of the paper", title_justify="left")
    table.add_column("erratum", no_wrap=True)
    if roomy:
        table.add_column("where")
    table.add_column("printed → right", ratio=1)
    table.add_column("as printed, moves")
    table.add_column("verdict", no_wrap=True)
    kind = ""
    for shown in found:
        entry = shown.entry
        if entry.kind != kind and kind:
            table.add_section()
        kind = entry.kind
        table.add_row(
            entry.slug,
            *([escape(entry.where)] if roomy else []),
            escape(entry.summary),
            _moves(shown.consequence),
            _verdict(shown),
        )
    console.print(table)
    steps = {name: len(results) for shown in found for name, results in shown.proofs.items()}
    numbers = sum(len(shown.numbers) for shown in found)
    right = sum(number.agreed for shown in found for number in shown.numbers)
    console.print(
        f"{len(found)} errata: {len(steps)} derivations with {sum(steps.values())} steps decided "
        f"by SymPy, {right} of {numbers} numbers as they must be.\n"
        "Sections: formulas; statements; citations; what is only imprecise. Moves: the largest "
        "change of a figure's curve computed as printed, of its largest value.\n"
        "One of them in full: qbval paper errata NAME."
    )


# --- In full -------------------------------------------------------------------------------------


def _columns() -> int:
    return min(WIDTH, out().width)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _columns(), initial_indent=indent, subsequent_indent=indent)


def _form(form: Form) -> list[str]:
    if isinstance(form, Basic):
        shown = sympy.pretty(form, use_unicode=True, num_columns=_columns() - 4)
        return [f"    {line}".rstrip() for line in shown.splitlines()]
    return _wrapped(form.text if isinstance(form, Written) else form, "    ")


def _in_full(shown: Shown) -> Iterator[str]:
    entry = shown.entry
    yield f"{entry.slug}: {entry.where} ({entry.kind})"
    yield "=" * len(f"{entry.slug}: {entry.where} ({entry.kind})")
    yield "  printed"
    yield from _form(entry.printed)
    yield "  right"
    yield from _form(entry.right)
    yield ""
    yield from _wrapped(entry.why)
    for derivation in entry.derivations:
        yield ""
        yield f"Proof: {derivation.name}"
        yield from _wrapped(derivation.statement, "  ")
        for assumption in derivation.assumptions:
            yield from _wrapped(f"assuming {assumption}", "  ")
        for number, step in enumerate(shown.proofs[derivation.name], start=1):
            decided = "" if step.passed else "FAILS: "
            yield from _wrapped(f"{number}. {step.text} [{decided}{step.method}]", "  ")
        yield f"  With the formulas: qbval derive {derivation.name}"
    yield ""
    yield "Numbers"
    for comparison in shown.numbers:
        yield from _wrapped(f"{comparison.what}:", "  ")
        verdict = "" if comparison.agreed else "   DOES NOT HOLD"
        within = f" (within {comparison.tolerance:.0e})" if comparison.tolerance else ""
        yield (
            f"    {comparison.value:.12g} {comparison.relation} {comparison.other:.12g}"
            f"{within}{verdict}"
        )
    yield ""
    yield "Consequence"
    yield from _wrapped(shown.consequence.sentence, "  ")
    for shift in shown.consequence.shifts:
        yield (
            f"  {shift.figure + ':':9} {SYMBOLS[shift.observable]:3} changes by up to "
            f"{shift.change:.2g}, {shift.relative:.1%} of its largest value"
        )


# --- JSON ----------------------------------------------------------------------------------------


def _as_data(shown: Shown) -> dict[str, Any]:
    entry = shown.entry
    return {
        "name": entry.slug,
        "kind": entry.kind,
        "where": entry.where,
        "summary": entry.summary,
        "printed": latex_of(entry.printed),
        "right": latex_of(entry.right),
        "why": entry.why,
        "proofs": [
            {
                "derivation": derivation.name,
                "statement": derivation.statement,
                "assumptions": list(derivation.assumptions),
                "steps": [
                    {
                        "text": result.text,
                        "formula": sympy.latex(step.equation),
                        "passed": result.passed,
                        "method": result.method,
                    }
                    for step, result in zip(
                        derivation.steps, shown.proofs[derivation.name], strict=True
                    )
                ],
            }
            for derivation in entry.derivations
        ],
        "numbers": [
            {
                "what": number.what,
                "value": number.value,
                "relation": number.relation,
                "other": number.other,
                "tolerance": number.tolerance,
                "agreed": number.agreed,
            }
            for number in shown.numbers
        ],
        "consequence": {
            "sentence": shown.consequence.sentence,
            "figures": [
                {
                    "figure": shift.figure,
                    "observable": shift.observable,
                    "change": shift.change,
                    "largest": shift.largest,
                }
                for shift in shown.consequence.shifts
            ],
        },
        "proven": shown.proven,
        "agreed": shown.agreed,
    }
