"""``qbval derive``: the catalogue of derivations, each step decided again as it is shown.

May import: qbsym.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from rich import box
from rich.markup import escape
from rich.table import Table

from qbsym import catalogue
from qbsym.errors import UnknownNameError
from validation.commands.console import AGREED, DISAGREED, bad_input, out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qbsym.proofs import Derivation, StepResult

__all__ = ["derive"]

WIDTH = 100
"""Columns of a formula in text."""


def derive(name: str | None, form: str) -> int:
    """Print the list of derivations or one of them, and return the exit code."""
    if form not in FORMATS:
        bad_input(f"--format {form!r} is not a format; there are {', '.join(FORMATS)}.")
    if name is None:
        _print_list()
        return AGREED
    try:
        derivation = catalogue.derivation(name)
    except UnknownNameError as error:
        bad_input(f"{error}.")
    results = derivation.verify()
    # Plain print: formulas must not be wrapped, nor read as markup.
    print("\n".join(FORMATS[form](derivation, results)))
    return AGREED if all(result.passed for result in results) else DISAGREED


def _print_list() -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("name", no_wrap=True)
    table.add_column("equation", no_wrap=True)
    table.add_column("statement")
    for entry in catalogue.derivations():
        table.add_row(entry.name, entry.equation, escape(entry.statement))
    out().print(table)


def _verdict(result: StepResult) -> str:
    return f"{'proven' if result.passed else 'FAILS'}: {result.method}"


def _text(derivation: Derivation, results: list[StepResult]) -> Iterator[str]:
    yield f"{derivation.name}: {derivation.equation}"
    yield derivation.statement
    for assumption in derivation.assumptions:
        yield f"  assuming {assumption}"
    for number, (step, result) in enumerate(zip(derivation.steps, results, strict=True), start=1):
        yield ""
        yield f"{number}. {step.text}  [{_verdict(result)}]"
        formula = sympy.pretty(step.equation, use_unicode=True, num_columns=WIDTH)
        yield from (f"     {line}".rstrip() for line in formula.splitlines())


def _latex(derivation: Derivation, results: list[StepResult]) -> Iterator[str]:
    yield rf"% {derivation.name}, {derivation.equation}: {derivation.statement}"
    for assumption in derivation.assumptions:
        yield rf"% assuming {assumption}"
    for step, result in zip(derivation.steps, results, strict=True):
        yield rf"% {step.text} [{_verdict(result)}]"
        yield rf"\[ {sympy.latex(step.equation)} \]"


def _markdown(derivation: Derivation, results: list[StepResult]) -> Iterator[str]:
    yield f"## {derivation.name}"
    yield ""
    yield f"{derivation.statement} Paper: {derivation.equation}."
    yield ""
    for assumption in derivation.assumptions:
        yield f"- assuming {assumption}"
    for number, (step, result) in enumerate(zip(derivation.steps, results, strict=True), start=1):
        yield ""
        yield f"{number}. {step.text} *{_verdict(result)}*"
        yield ""
        yield f"   $${sympy.latex(step.equation)}$$"


FORMATS: dict[str, Callable[[Derivation, list[StepResult]], Iterator[str]]] = {
    "text": _text,
    "latex": _latex,
    "markdown": _markdown,
}
"""Ways to write a derivation down."""
