"""``qbval run --deep``: the accuracy campaign. May import: everything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from validation.campaign.run import count_parts, run_campaign
from validation.campaign.summary import GOAL, Settings, agreed
from validation.campaign.symmetric import CHECKS
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    WORKER_DIED,
    bad_input,
    check_output,
    errors,
    json_text,
    out,
    progress,
    write_file,
    write_text,
)
from validation.parts import PartsError, keeping_parts, parts_path
from validation.pool import WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["campaign", "print_summary"]

FAILURES_SHOWN = 10

LABELS = CHECKS | {"alone": "computed alone and among others: not a bit changed"}


def campaign(
    settings: Settings, *, workers: int | None, output: Path, as_json: bool, verbose: bool
) -> int:
    """Carry out a campaign, write and print its summary, and return the exit code.

    Finished parts are kept beside the output until it is written: after an interruption the same
    command goes on, and the summary has the same bytes.

    Parameters
    ----------
    settings : Settings
        What is drawn and compared.
    workers : int or None
        Processes; as many as there are processors with None.
    output : Path
        Where the summary goes.
    as_json : bool
        Print the summary itself.
    verbose : bool
        Print every failure that the summary lists.
    """
    check_output("--output", output)
    total, there = count_parts(settings), 0
    if not total:
        bad_input("nothing would be compared; give --random or --certified more than 0.")
    try:
        with keeping_parts(parts_path(output)) as parts:
            with progress("campaign", total) as advance:

                def one_more() -> None:
                    nonlocal there
                    there += 1
                    advance()

                summary = run_campaign(settings, parts, workers or os.cpu_count() or 1, one_more)
            write_file("--output", output, json_text(summary))
            parts.remove()
    except KeyboardInterrupt:
        errors().print(
            f"Interrupted with {there} of {total} parts done; they are kept, and the same command "
            "goes on from there.",
            soft_wrap=True,
        )
        return INTERRUPTED
    except WorkerDiedError as error:
        errors().print(escape(str(error)), soft_wrap=True)
        return WORKER_DIED
    except PartsError as error:
        bad_input(f"--output: {error}.")
    if as_json:
        write_text(json_text(summary))
    else:
        print_summary(summary, verbose=verbose)
        out().print(f"Summary: {escape(str(output))}", soft_wrap=True)
    return AGREED if agreed(summary) else DISAGREED


def print_summary(summary: Mapping[str, Any], *, verbose: bool = False) -> None:
    """Print a campaign's summary: coverage, digits, symmetries, failures and the verdict."""
    console, coverage = out(), summary["coverage"]
    if coverage["comparisons"]["compared"]:
        for title, rows in (
            ("Do the error estimates cover the true errors? By observable", "observables"),
            ("By stratum: junctions all of whose observables are covered", "strata"),
        ):
            console.print(_coverage_table(title, coverage[rows]))
    if summary["symmetries"]:
        console.print(_symmetry_table(summary["symmetries"]))
    for layer, found in summary["problems"].items():
        for kind, count in found.items():
            console.print(f"  {layer}: {count} {escape(kind)}", soft_wrap=True)
    shown = summary["failures"] if verbose else summary["failures"][:FAILURES_SHOWN]
    for one in [*shown, *(summary["unanswered"] if verbose else ())]:
        what = one.get("message") or f"{one['observable']}, {one['ratio']:.3g} of what is allowed"
        console.print(f"  {one['check']}, {one['stratum']}: {escape(what)}", soft_wrap=True)
        console.print(f"    {escape(one['command'])}", soft_wrap=True)
    console.print(_verdict(summary), soft_wrap=True)


def _verdict(summary: Mapping[str, Any]) -> str:
    coverage = summary["coverage"]
    all_of_them, junctions = coverage["comparisons"], coverage["junctions"]
    settings = summary["settings"]
    parts = []
    if all_of_them["compared"]:
        parts.append(
            f"{all_of_them['covered']} of {all_of_them['compared']} certified errors are within "
            f"their estimates ({_percent(all_of_them['share'])}; the goal is {_percent(GOAL)}), "
            f"and all of {junctions['covered']} of {junctions['compared']} junctions "
            f"(95 % confidence: at least {_percent(junctions['share_at_least'])})"
        )
    outside = sum(check["outside"] for check in summary["symmetries"].values())
    compared = sum(check["compared"] for check in summary["symmetries"].values())
    parts.append(
        f"{outside} of {compared} comparisons of {settings['junctions']} junctions with their "
        "images are outside"
    )
    word = "[green]Agreed[/]" if agreed(summary) else "[bold red]Disagreed[/]"
    return f"{word}: {'; '.join(parts)}."


def _coverage_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in ("compared", "covered", "at least", "error/estimate", "99.9 %", "worst", "digits"):
        table.add_column(name, justify="right")
    for name, found in rows.items():
        if found["compared"]:
            table.add_row(
                name,
                str(found["compared"]),
                str(found["covered"]),
                _percent(found["share_at_least"]),
                *(f"{found[f'ratio_{k}']:.2g}" for k in ("median", "999", "worst")),
                _digits(found),
            )
    return table


def _digits(found: Mapping[str, Any]) -> str:
    worst, median = found["digits_worst"], found["digits_median"]
    return "-" if worst is None else f"{worst:.1f} ({median:.1f})"


def _symmetry_table(checks: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(
        title="qbnum against itself", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("")
    for name in ("compared", "outside", "worst"):
        table.add_column(name, justify="right")
    table.add_column("what must hold")
    for name, found in checks.items():
        table.add_row(
            name,
            str(found["compared"]),
            str(found["outside"]),
            f"{found['worst']:.2g}",
            LABELS[name],
        )
    return table


def _percent(share: float) -> str:
    """Return a share in percent, never rounded up to all."""
    return f"{min(100 * share, 99.999) if share < 1 else 100:.3f} %"
