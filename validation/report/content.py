"""What a report says of a run: read off its record, nothing computed anew.

Records are plain data (`validation.record`), whose errors may be the texts ``inf`` and ``nan``
and whose digits may be missing. May import: validation.cases, .runner.
"""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from validation.cases import DEFAULT_SEED
from validation.runner import digits_of

__all__ = [
    "Line",
    "Summary",
    "command_of",
    "error_text",
    "lines",
    "summary",
    "unresolved",
    "worst_cases",
]

Record = Mapping[str, Any]

DEFAULTS = {"quick": False, "seed": DEFAULT_SEED, "random": 100, "digits": 30}
"""What ``qbval run`` does if it is not told: those options need not be repeated."""

WORST_SHOWN = 4
"""Of a kind."""


@dataclass(frozen=True)
class Summary:
    """The figures of the verdict.

    Attributes
    ----------
    verdict : str
        ``agreed``, ``disagreed`` or ``empty``.
    comparisons, junctions, refused, disagreed, crashed : int
    worst, typical : float or None
        Digits of qbnum in its worst comparison, and their median; None if none was made.
    worst_at : tuple of str or None
        The case and the observable of that worst comparison.
    command : str
        What repeats the run.
    failed : tuple of str
        The checks that did not agree.
    """

    verdict: str
    comparisons: int
    junctions: int
    refused: int
    disagreed: int
    crashed: int
    worst: float | None
    worst_at: tuple[str, str] | None
    typical: float | None
    command: str
    failed: tuple[str, ...]


def summary(record: Record) -> Summary:
    """Return the figures of the verdict."""
    checks = record["checks"]
    found = [
        (0.0 if isinstance(error, str) else digits_of(error), (case, observable))
        for case, errors in record["results"].get("observables", {}).items()
        for observable, error in errors.items()
        if error not in ("refused", "crashed")
    ]
    worst, worst_at = min(found, default=(None, None))
    return Summary(
        verdict=record["verdict"],
        comparisons=record["comparisons"],
        junctions=sum(record["cases"].values()),
        **{
            what: sum(check[what] for check in checks)
            for what in ("refused", "disagreed", "crashed")
        },
        worst=worst,
        worst_at=worst_at,
        typical=statistics.median(digits for digits, _ in found) if found else None,
        command=command_of(record["options"]),
        failed=tuple(check["name"] for check in checks if check["verdict"] == "disagreed"),
    )


def command_of(options: Mapping[str, Any], only: str = "", case: str = "") -> str:
    """Return the ``qbval run`` with these options, or one check (and case) of it.

    Parameters
    ----------
    options : mapping
        Of the record.
    only, case : str
        This check alone, at this case alone; without a case, a check that needs none.
    """
    words = ["qbval", "run"]
    if options["quick"] and not only:
        words.append("--quick")
    # A check that is made at no case does not depend on which there are.
    for name in ("digits",) if only and not case else ("seed", "random", "digits"):
        if options[name] != DEFAULTS[name]:
            words += [f"--{name}", str(options[name])]
    for check in [only] if only else options["only"]:
        words += ["--only", check]
    for pattern in [case] if case else [] if only else options["case"]:
        words += ["--case", pattern]
    return shlex.join(words)


# --- Single comparisons --------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One comparison, refusal or crash, as it is shown.

    Attributes
    ----------
    check, case, observable, verdict, value, expected : str
    error, tolerance : str
        As text.
    used : float
        The error over the tolerance.
    inputs : tuple of (str, str)
        The junction, part by part; empty without a junction.
    commands : tuple of (str, str)
        What each does, and the command.
    """

    check: str
    case: str
    observable: str
    verdict: str
    value: str
    expected: str
    error: str
    tolerance: str
    used: float
    inputs: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]


def error_text(error: float | str) -> str:
    """Return an error of a record as it is shown."""
    if isinstance(error, str):
        return {"inf": "infinite", "nan": "not a number"}.get(error, error)
    return "0" if error == 0 else f"{error:.1e}"


def lines(record: Record, check: Mapping[str, Any], what: str) -> list[Line]:
    """Return the rows of a check, ``what`` being ``worst`` or ``failures``."""
    return [_line(record["options"], check["name"], row) for row in check[what]]


def _line(options: Mapping[str, Any], check: str, row: Mapping[str, Any]) -> Line:
    commands = []
    if "command" in row:
        commands.append(("All observables of this junction", row["command"]))
        again = command_of(options, check, row["case"])
        commands.append(("This check at this junction", again))
    else:
        commands.append(("This check", command_of(options, check)))
    return Line(
        check, row["case"], row["observable"], row["verdict"], row["value"], row["expected"],
        error=error_text(row["error"]),
        tolerance=error_text(row["tolerance"]),
        used=_used(row["error"], row["tolerance"]),
        inputs=_inputs(row),
        commands=tuple(commands),
    )  # fmt: skip


def _used(error: float | str, tolerance: float | str) -> float:
    if isinstance(error, str):
        return float("inf")
    return error / tolerance if isinstance(tolerance, float) and tolerance else float(error)


def _inputs(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters in three parts: level and equilibrium, left lead, right lead."""
    parts: dict[str, list[str]] = {}
    for name, number in row.get("inputs", {}).items():
        part, _, field = name.rpartition(".")
        parts.setdefault(part or "battery", []).append(f"{field} {number['repr']}")
    occupation = row.get("bound_states", "error")
    if occupation != "error":
        parts.setdefault("battery", []).append(f"bound states {occupation}")
    return tuple((part, ", ".join(words)) for part, words in parts.items())


def worst_cases(record: Record) -> list[tuple[str, list[Line]]]:
    """Return the agreed comparisons that come closest to their tolerance, under two headings.

    First those of qbnum's observables, one for each of them; then one for each other check. A
    junction is shown once.
    """
    found = [
        line
        for check in record["checks"]
        for line in lines(record, check, "worst")
        if line.verdict == "agreed" and line.inputs and line.used > 0
    ]
    found.sort(key=lambda line: line.used, reverse=True)
    fast = [line for line in found if line.check == "observables"]
    others = [line for line in found if line.check != "observables"]
    seen: set[str] = set()
    parts = (
        ("Of qbnum's observables", _distinct(fast, "observable", seen)),
        ("Of other checks", _distinct(others, "check", seen)),
    )
    return [(title, shown) for title, shown in parts if shown]


def _distinct(found: list[Line], field: str, seen: set[str]) -> list[Line]:
    """Return the first few lines that differ in a field and in their junction."""
    chosen: dict[str, Line] = {}
    for line in found:
        if line.case not in seen and getattr(line, field) not in chosen:
            chosen[getattr(line, field)] = line
            seen.add(line.case)
        if len(chosen) == WORST_SHOWN:
            break
    return list(chosen.values())


def unresolved(record: Record, failed: bool) -> Iterator[tuple[Mapping[str, Any], Sequence[Line]]]:
    """Give each check with its rows that are not agreed.

    Parameters
    ----------
    record : mapping
    failed : bool
        Of checks that disagreed as a whole, or else of the others, where there are only refusals.
    """
    for check in record["checks"]:
        if check["failures"] and (check["verdict"] == "disagreed") == failed:
            yield check, lines(record, check, "failures")
