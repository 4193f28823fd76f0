"""How a derivation and a limit are written down: text, Markdown, LaTeX, or a function in code.

May import: sympy, qbsym, validation.limit_orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import sympy
from sympy import cse, numbered_symbols, oo

from qbsym import export

if TYPE_CHECKING:
    from qbsym.limits import Entry
    from qbsym.proofs import Derivation, StepResult

__all__ = ["DERIVATION_FORMS", "DOCUMENTS", "LIMIT_FORMS", "claim"]

WIDTH = 100
"""Columns of a formula in text."""

LONG = 40
"""Operations above which a formula is written with named parts."""


def verdict(result: StepResult) -> str:
    """Return what became of a step."""
    return f"{'proven' if result.passed else 'FAILS'}: {result.method}"


def claim(entry: Entry) -> str:
    """Return what an entry claims of its remainder."""
    limit = entry.limit
    if limit.remainder is None:
        return "exp(-rate)"
    if limit.remainder == oo:
        return "none"
    log = {0: "", 1: " ln(1/epsilon)"}.get(limit.logarithms, f" ln(1/epsilon)^{limit.logarithms}")
    return f"epsilon^{limit.remainder}{log}"


# --- Derivations ---------------------------------------------------------------------------------


def _text(derivation: Derivation, results: list[StepResult]) -> Iterator[str]:
    yield f"{derivation.name}: {derivation.equation}"
    yield derivation.statement
    for assumption in derivation.assumptions:
        yield f"  assuming {assumption}"
    for number, (step, result) in enumerate(zip(derivation.steps, results, strict=True), start=1):
        yield ""
        yield f"{number}. {step.text}  [{verdict(result)}]"
        yield from _pretty(step.equation)


def _latex(derivation: Derivation, results: list[StepResult]) -> Iterator[str]:
    yield rf"% {derivation.name}, {derivation.equation}: {derivation.statement}"
    for assumption in derivation.assumptions:
        yield rf"% assuming {assumption}"
    for step, result in zip(derivation.steps, results, strict=True):
        yield rf"% {step.text} [{verdict(result)}]"
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
        yield f"{number}. {step.text} *{verdict(result)}*"
        yield ""
        yield f"   $${sympy.latex(step.equation)}$$"


DERIVATION_FORMS: dict[str, Callable[[Derivation, list[StepResult]], Iterator[str]]] = {
    "text": _text,
    "latex": _latex,
    "markdown": _markdown,
}
"""Ways to write a derivation down."""


# --- Limits --------------------------------------------------------------------------------------


def _pretty(formula: sympy.Basic) -> Iterator[str]:
    shown = sympy.pretty(formula, use_unicode=True, num_columns=WIDTH)
    yield from (f"     {line}".rstrip() for line in shown.splitlines())


def _equations(entry: Entry) -> list[sympy.Basic]:
    """Return the limit as equations: named parts first, where it is long."""
    symbol = sympy.Symbol(entry.observable)
    expression = entry.limit.expression
    if expression.count_ops() <= LONG:
        return [sympy.Eq(symbol, expression, evaluate=False)]
    shared, (value,) = cse([expression], symbols=numbered_symbols("t"), order="none")
    parts = [sympy.Eq(name, part, evaluate=False) for name, part in shared]
    return [*parts, sympy.Eq(symbol, value, evaluate=False)]


def _path(entry: Entry) -> str:
    return ", ".join(f"{symbol} -> {along}" for symbol, along in entry.limit.path.items())


def _lines(entry: Entry) -> list[str]:
    """Return what is to be said about a limit besides its formula."""
    limit = entry.limit
    lines = [f"assuming {assumption}" for assumption in limit.assumptions]
    lines.append(f"along {_path(entry)}: starts with epsilon^{limit.starts}")
    if limit.remainder is None:
        lines.append(f"remainder exp(-rate), rate = {limit.rate}")
    else:
        lines.append(f"remainder {claim(entry)}")
    lines.append(f"proven by {entry.derivation}")
    return lines


def _limit_text(entry: Entry) -> Iterator[str]:
    yield f"{entry.name}: {entry.equation}"
    yield entry.statement
    yield from (f"  {line}" for line in _lines(entry))
    for equation in _equations(entry):
        yield ""
        yield from _pretty(equation)


def _limit_latex(entry: Entry) -> Iterator[str]:
    yield rf"% {entry.name}, {entry.equation}: {entry.statement}"
    yield from (rf"% {line}" for line in _lines(entry))
    yield from (rf"\[ {sympy.latex(equation)} \]" for equation in _equations(entry))


def _limit_markdown(entry: Entry) -> Iterator[str]:
    yield f"## {entry.name}"
    yield ""
    yield f"{entry.statement} Paper: {entry.equation}."
    yield ""
    yield from (f"- {line}" for line in _lines(entry))
    for equation in _equations(entry):
        yield ""
        yield f"$${sympy.latex(equation)}$$"


def _limit_code(language: str) -> Callable[[Entry], Iterator[str]]:
    def write(entry: Entry) -> Iterator[str]:
        name = f"{entry.family}_{entry.observable}"
        comment = [f"{entry.name}, {entry.equation}: {entry.statement}", *_lines(entry)]
        yield export.code(entry.limit.expression, language, name, comment)

    return write


LIMIT_FORMS: dict[str, Callable[[Entry], Iterator[str]]] = {
    "text": _limit_text,
    "latex": _limit_latex,
    "markdown": _limit_markdown,
} | {language: _limit_code(language) for language in export.LANGUAGES}
"""Ways to write a limit down."""


# --- One document --------------------------------------------------------------------------------

_TEXT = str.maketrans(
    {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}", "~": r"\~{}",
     "<": r"$<$", ">": r"$>$", "|": r"$|$", "\\": r"\textbackslash{}",
     "{": r"\{", "}": r"\}", "$": r"\$"}
)  # fmt: skip


def _latex_document(parts: Iterator[tuple[str, list[str], list[sympy.Basic]]]) -> Iterator[str]:
    # breqn breaks long formulas by itself.
    yield from (r"\documentclass{article}", r"\usepackage{amsmath,breqn}", r"\begin{document}")
    for title, texts, formulas in parts:
        yield rf"\section*{{{title.translate(_TEXT)}}}"
        yield from (rf"{text.translate(_TEXT)}\par" for text in texts)
        for formula in formulas:
            yield rf"\begin{{dmath*}} {sympy.latex(formula)} \end{{dmath*}}"
    yield r"\end{document}"


def _derivation_parts(
    derivation: Derivation, results: list[StepResult]
) -> Iterator[tuple[str, list[str], list[sympy.Basic]]]:
    head = [derivation.statement, f"Paper: {derivation.equation}."]
    head += [f"Assuming {assumption}." for assumption in derivation.assumptions]
    yield derivation.name, head, []
    for number, (step, result) in enumerate(zip(derivation.steps, results, strict=True), start=1):
        yield f"{number}", [f"{step.text} ({verdict(result)})"], [step.equation]


def document_latex(
    derivations: Iterator[tuple[Derivation, list[StepResult]]], entries: Iterator[Entry]
) -> Iterator[str]:
    """Yield the lines of a LaTeX document with every derivation and limit."""

    def parts() -> Iterator[tuple[str, list[str], list[sympy.Basic]]]:
        for derivation, results in derivations:
            yield from _derivation_parts(derivation, results)
        for entry in entries:
            yield entry.name, [entry.statement, *_lines(entry)], _equations(entry)

    yield from _latex_document(parts())


def document_markdown(
    derivations: Iterator[tuple[Derivation, list[StepResult]]], entries: Iterator[Entry]
) -> Iterator[str]:
    """Yield the lines of a Markdown document with every derivation and limit."""
    yield "# Derivations"
    for derivation, results in derivations:
        yield ""
        yield from _markdown(derivation, results)
    yield ""
    yield "# Limits"
    for entry in entries:
        yield ""
        yield from _limit_markdown(entry)


DOCUMENTS = {"latex": document_latex, "markdown": document_markdown}
"""Ways to write everything into one document."""
