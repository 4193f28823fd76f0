"""``qbval derive``: derivations, each step decided again as it is shown, and analytic limits.

May import: rich, qbsym, validation.limit_orders, .commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from qbsym import catalogue, limits
from qbsym.errors import NotDerivedError, UnknownNameError
from validation.commands.console import (
    AGREED,
    DISAGREED,
    bad_input,
    check_output,
    errors,
    json_text,
    out,
    print_json,
    progress,
    write_file,
    write_text,
)
from validation.commands.derive_data import (
    derivation_data,
    document_data,
    limit_data,
    listing_data,
    table_data,
)
from validation.commands.derive_forms import DERIVATION_FORMS, DOCUMENTS, LIMIT_FORMS, claim

if TYPE_CHECKING:
    from qbsym.limits import Entry
    from qbsym.proofs import Derivation, StepResult
    from validation.limit_orders import Measurement

__all__ = ["derive", "document", "table_of_limits"]


def derive(name: str | None, form: str, as_json: bool = False) -> int:
    """Print the lists, a derivation or a limit, and return the exit code.

    Parameters
    ----------
    name : str or None
        A derivation's name, or a limit's: family:observable or family:observable:order. None
        prints the lists.
    form : str
        One of `LIMIT_FORMS`; the first three for a derivation.
    as_json : bool
        One JSON object instead.
    """
    if form not in LIMIT_FORMS:
        bad_input(f"--format {form!r} is not a format; there are {', '.join(LIMIT_FORMS)}.")
    if name is None:
        _print_list(as_json)
        return AGREED
    if ":" in name:
        return _print_limit(name, form, as_json)
    return _print_derivation(name, form, as_json)


def _print_derivation(name: str, form: str, as_json: bool) -> int:
    try:
        derivation = catalogue.derivation(name)
    except UnknownNameError as error:
        bad_input(f"{error}; and limits, named family:observable:order.")
    if form not in DERIVATION_FORMS:
        bad_input(
            f"--format {form!r} writes closed forms as code, and {name!r} is a proof; give a limit "
            f"(family:observable:order) or one of {', '.join(DERIVATION_FORMS)}."
        )
    results = derivation.verify()
    if as_json:
        print_json(derivation_data(derivation, results))
    else:
        write_text("\n".join(DERIVATION_FORMS[form](derivation, results)) + "\n")
    return AGREED if all(result.passed for result in results) else DISAGREED


def _print_limit(name: str, form: str, as_json: bool) -> int:
    family, _, rest = name.partition(":")
    observable, _, order = rest.partition(":")
    if order and not (order.isdecimal() and len(order) < 4):
        bad_input(f"{name!r}: the order {order!r} is not a whole number; give e.g. 1.")
    try:
        entry = limits.limit(family, observable, int(order or 1))
        written = "" if as_json else "\n".join(LIMIT_FORMS[form](entry)) + "\n"
    except (UnknownNameError, NotDerivedError) as error:
        bad_input(f"{error}.")
    if as_json:
        print_json(limit_data(entry))
    else:
        write_text(written)
    return AGREED


def _print_list(as_json: bool) -> None:
    if as_json:
        print_json(listing_data(catalogue.derivations(), limits.limits()))
        return
    table = Table(box=box.SIMPLE_HEAD, title="Derivations", title_justify="left")
    table.add_column("name", no_wrap=True)
    table.add_column("equation", no_wrap=True)
    table.add_column("statement")
    for entry in catalogue.derivations():
        table.add_row(entry.name, entry.equation, escape(entry.statement))
    out().print(table)
    table = Table(box=box.SIMPLE_HEAD, title="Limits", title_justify="left")
    table.add_column("family", no_wrap=True)
    table.add_column("observables (and orders)")
    for family in limits.families():
        table.add_row(family, _observables(family))
    out().print(table)
    out().print("One of them: qbval derive NAME, or FAMILY:OBSERVABLE:ORDER.")


def _observables(family: str) -> str:
    orders: dict[str, list[int]] = {}
    for entry in limits.limits():
        if entry.family == family:
            orders.setdefault(entry.observable, []).append(entry.order)
    return ", ".join(f"{name} ({', '.join(map(str, found))})" for name, found in orders.items())


def table_of_limits(measure: bool = False, as_json: bool = False) -> int:
    """Print the table of limit by observable, measured if asked for; return the exit code."""
    measured: dict[str, Measurement] = {}
    families = limits.families()
    if measure:
        from validation.limit_orders import measure_all

        with progress("limits", total=len(families)) as advance:
            for family in families:
                found = measure_all(e for e in limits.limits() if e.family == family)
                measured |= {m.entry.name: m for m in found}
                advance()
    wrong = [name for name, found in measured.items() if not found.agreed]
    if as_json:
        print_json(table_data(limits.limits(), limits.absent().items(), measured))
        return DISAGREED if wrong else AGREED
    for family in families:
        _print_family(family, measured)
    if measure:
        verdict = f"{len(wrong)} are not: {', '.join(wrong)}." if wrong else "all confirmed."
        out().print(f"Orders of {len(measured)} limits measured: {verdict}")
    return DISAGREED if wrong else AGREED


def _print_family(family: str, measured: dict[str, Measurement]) -> None:
    table = Table(box=box.SIMPLE_HEAD, title=family, title_justify="left")
    table.add_column("observable", no_wrap=True)
    for column in ("order", "starts with", "remainder"):
        table.add_column(column, justify="right")
    if measured:
        table.add_column("measured", justify="right")
        table.add_column("verdict")
    for entry in limits.limits():
        if entry.family != family:
            continue
        cells = [entry.observable, str(entry.order), f"epsilon^{entry.limit.starts}", claim(entry)]
        if measured:
            cells += _measured(measured[entry.name])
        table.add_row(*cells)
    out().print(table)
    without: dict[str, list[str]] = {}
    for (of_family, name), reason in limits.absent().items():
        if of_family == family:
            without.setdefault(reason, []).append(name)
    for reason, names in without.items():
        out().print(f"  no {', '.join(names)}: {escape(reason)}")


def _measured(found: Measurement) -> list[str]:
    shown = {
        "power": f"epsilon^{found.measured:.3f}",
        "rate": f"{found.measured:.3f} of the rate",
        "exact": "none" if found.agreed else f"epsilon^{found.measured:.3f}",
    }[found.kind]
    return [shown, "confirmed" if found.agreed else "[bold red]NOT CONFIRMED[/]"]


def document(form: str, output: Path | None, as_json: bool = False) -> int:
    """Write every derivation and limit into one document, and return the exit code.

    Parameters
    ----------
    form : str
        One of `DOCUMENTS`.
    output : Path or None
        The file; None prints it.
    as_json : bool
        One JSON object instead, in whatever form.
    """
    if form not in DOCUMENTS and not as_json:
        bad_input(
            f"--all writes a document in {' or '.join(DOCUMENTS)}, and --format is {form!r}; give "
            "one of them."
        )
    check_output("--output", output)
    failed: list[str] = []

    def verified() -> Iterator[tuple[Derivation, list[StepResult]]]:
        for derivation in catalogue.derivations():
            results = derivation.verify()
            failed.extend(derivation.name for result in results if not result.passed)
            advance()
            yield derivation, results

    def derived() -> Iterator[Entry]:
        for entry in limits.limits():
            advance()
            yield entry

    total = len(catalogue.derivations()) + len(limits.limits())
    with progress("derivations and limits", total=total) as advance:
        if as_json:
            text = json_text(document_data(verified(), derived()))
        else:
            text = "\n".join(DOCUMENTS[form](verified(), derived())) + "\n"
    if output is None:
        write_text(text)
    else:
        write_file("--output", output, text)
        errors().print(f"Wrote {total} derivations and limits to {output}.", markup=False)
    return DISAGREED if failed else AGREED
