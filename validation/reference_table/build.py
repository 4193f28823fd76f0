"""How the reference table is made: every case computed, in parallel, and kept as it comes.

May import: mpmath, gmpy2 and python-flint for their versions, validation.cases, .exact, .pool,
.references, .errors, .metrics, .reference_table.
"""

from __future__ import annotations

import json
import platform
from concurrent.futures import as_completed
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata
from typing import TYPE_CHECKING, Any

from validation.enclosure import rounded, to_fraction
from validation.errors import ValidationError
from validation.metrics import SIGN_CHANGING
from validation.pool import processes
from validation.reference_table.condition import condition_numbers
from validation.reference_table.selection import SEED
from validation.reference_table.table import (
    VERSION,
    ReferenceTable,
    TableCase,
    TableValue,
    case_from_record,
    case_record,
)
from validation.references import OBSERVABLES, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from validation.cases import Case
    from validation.enclosure import Enclosure

__all__ = ["DEFAULT_DIGITS", "Outcome", "assemble", "compute_all", "compute_case"]

DEFAULT_DIGITS = 40

RADIUS_DIGITS, ABSOLUTE_DIGITS = 3, 15

PACKAGES = ("qbval", "python-flint", "mpmath", "gmpy2", "sympy")


@dataclass(frozen=True)
class Outcome:
    """What came of one case: the table's entry, or why there is none."""

    slug: str
    case: TableCase | None = None
    refusal: str = ""


def compute_case(
    case: Case, digits: int = DEFAULT_DIGITS, backend: str = "arb", *, conditions: bool = True
) -> TableCase:
    """Return one entry of the table; without condition numbers in a tenth of the time.

    Raises
    ------
    ValidationError
        An observable has no value here, or no condition number can be formed.
    """
    found = reference(case.junction, digits, OBSERVABLES, case.bound_states, backend)
    count = len(found.bound_states)
    given = case.occupation if isinstance(case.occupation, tuple) else (case.occupation,) * count
    occupations = tuple(float(n) for n in given if n is not None)
    numbers = condition_numbers(found, occupations) if conditions else {}
    return TableCase(
        **described(case),
        occupations=occupations,
        bound_states=tuple(
            (rounded(to_fraction(b.energy.mid), digits), rounded(to_fraction(b.weight.mid), digits))
            for b in found.bound_states
        ),
        values={name: _value(name, found[name], numbers.get(name), digits) for name in OBSERVABLES},
    )


def described(case: Case) -> dict[str, Any]:
    """Return what an entry says of its case before anything is computed."""
    return {
        "slug": case.slug,
        "regime": case.regime,
        "group": case.group,
        "sources": case.sources,
        "reason": case.reason,
        "difficulties": tuple(sorted(case.difficulties)),
        "inputs": {name: repr(value) for name, value in case.parameters.items()},
        "hex": {name: value.hex() for name, value in case.parameters.items()},
    }


def _value(name: str, found: Enclosure, condition: float | None, digits: int) -> TableValue:
    mid = to_fraction(found.mid)
    value = rounded(mid, digits)
    scale = rounded(to_fraction(found.absolute_integral), ABSOLUTE_DIGITS)
    if mid and name not in SIGN_CHANGING:
        scale = value.removeprefix("-")
    return TableValue(
        value=value,
        radius=rounded(
            to_fraction(found.radius) + abs(Fraction(value) - mid), RADIUS_DIGITS, up=True
        ),
        absolute_integral=scale,
        condition=condition,
        backend=found.backend,
        certified=found.certified or found.radius == 0,
        digits=digits,
    )


def compute_all(
    cases: Sequence[Case],
    *,
    digits: int = DEFAULT_DIGITS,
    backend: str = "arb",
    conditions: bool = True,
    workers: int = 1,
    partial: Path | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Compute the entries of the table, in the order of the cases.

    Parameters
    ----------
    cases : sequence of Case
    digits, backend
        As of `validation.reference`.
    conditions : bool
        Whether to compute condition numbers as well.
    workers : int
        Processes; with 1 everything happens in this one.
    partial : Path, optional
        A file that gets one line of JSON for each finished case. Cases that it holds already, for
        the same inputs, digits, backend and version, are not computed again.
    on_done : callable, optional
        Called with each outcome as it comes.
    """
    done: dict[str, Outcome] = {}
    keys = {case.slug: _key(case, digits, backend) for case in cases}
    kept = _read_partial(partial) if partial else {}

    def keep(record: dict[str, Any]) -> None:
        outcome = _outcome(record, digits, backend)
        done[outcome.slug] = outcome
        if on_done:
            on_done(outcome)

    missing = []
    for case in cases:
        if keys[case.slug] in kept:
            keep(kept[keys[case.slug]])
        else:
            missing.append(case)

    def finish(record: dict[str, Any]) -> None:
        if partial:
            with partial.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": keys[record["slug"]]} | record) + "\n")
        keep(record)

    if workers == 1:
        for case in missing:
            finish(_attempt(case, digits, backend, conditions))
    elif missing:
        _in_parallel(missing, (digits, backend, conditions), workers, finish)
    return [done[case.slug] for case in cases]


def _in_parallel(
    cases: Sequence[Case],
    options: tuple[int, str, bool],
    workers: int,
    finish: Callable[[dict[str, Any]], None],
) -> None:
    with processes(workers) as pool:
        futures = [pool.submit(_attempt, case, *options) for case in cases]
        for future in as_completed(futures):
            finish(future.result())


def _attempt(case: Case, digits: int, backend: str, conditions: bool) -> dict[str, Any]:
    """Return one line of the work file: plain data, the same from a process and from the file."""
    try:
        entry = compute_case(case, digits, backend, conditions=conditions)
    except ValidationError as error:
        return {"slug": case.slug, "refused": f"{type(error).__name__}: {error}"}
    certified = all(value.certified for value in entry.values.values())
    return {"slug": case.slug, "certified": certified, "case": case_record(entry)}


def _outcome(record: dict[str, Any], digits: int, backend: str) -> Outcome:
    if "refused" in record:
        return Outcome(record["slug"], refusal=record["refused"])
    common = {"backend": backend, "certified": record["certified"], "digits": digits}
    return Outcome(record["slug"], case_from_record(record["case"], common))


def _key(case: Case, digits: int, backend: str) -> str:
    """Return what an entry depends on: with another key, it is another entry."""
    version = [VERSION, _version("qbval"), digits, backend]
    return json.dumps([version, described(case), case.occupation])


def _read_partial(path: Path) -> dict[str, dict[str, Any]]:
    kept = {}
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for line in text.splitlines():
        try:
            record = json.loads(line)
            kept[record.pop("key")] = record
        except (ValueError, KeyError):
            continue  # the line that an interrupt cut short
    if text and not text.endswith("\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")
    return kept


def assemble(
    outcomes: Iterable[Outcome], *, digits: int, backend: str, patterns: Sequence[str] = ()
) -> ReferenceTable:
    """Return the table of the outcomes, with its provenance.

    Parameters
    ----------
    outcomes : iterable of Outcome
    digits, backend
        As the outcomes were computed.
    patterns : sequence of str
        What the selection was restricted to.
    """
    outcomes = tuple(outcomes)
    cases = tuple(outcome.case for outcome in outcomes if outcome.case)
    words = [f"--case {pattern!r}" for pattern in patterns]
    if backend != "arb":
        words.append(f"--backend {backend}")
    if digits != DEFAULT_DIGITS:
        words.append(f"--digits {digits}")
    provenance = {
        "command": " ".join(["qbval reference build", *words]),
        "backend": backend,
        "certified": all(value.certified for case in cases for value in case.values.values()),
        "digits": digits,
        "seed": SEED,
        "patterns": list(patterns),
        "versions": {"python": platform.python_version()}
        | {name: _version(name) for name in PACKAGES},
        "dropped": [
            {"slug": outcome.slug, "reason": outcome.refusal}
            for outcome in outcomes
            if outcome.case is None
        ],
    }
    return ReferenceTable(VERSION, digits, provenance, cases)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
