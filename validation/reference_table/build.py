"""How the reference table is made: every case computed, in parallel, and kept as it comes.

May import: validation.cases, .enclosure, .errors, .metrics, .parts, .pool, .references,
.reference_table, .versions.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from validation.enclosure import rounded, to_fraction
from validation.errors import ValidationError
from validation.metrics import SIGN_CHANGING
from validation.pool import finished
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
from validation.versions import code_digest, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from validation.cases import Case
    from validation.enclosure import Enclosure
    from validation.parts import Parts

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
    parts: Parts | None = None,
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
    parts : Parts, optional
        Gets what came of each case. Cases that it holds already, for the same inputs, digits,
        backend and code, are not computed again.
    on_done : callable, optional
        Called with each outcome as it comes.
    """
    done: dict[str, Outcome] = {}
    calls: dict[str, Callable[[], dict[str, Any]]] = {}
    keys = {case.slug: _key(case, digits, backend) for case in cases}

    def finish(record: dict[str, Any]) -> None:
        outcome = _outcome(record, digits, backend)
        done[outcome.slug] = outcome
        if on_done:
            on_done(outcome)

    for case in cases:
        if parts is not None and keys[case.slug] in parts:
            finish(parts[keys[case.slug]])
        else:
            calls[case.slug] = partial(_attempt, case, digits, backend, conditions)
    for slug, record in finished(calls, workers):
        finish(record if parts is None else parts.keep(keys[slug], record))
    return [done[case.slug] for case in cases]


def _attempt(case: Case, digits: int, backend: str, conditions: bool) -> dict[str, Any]:
    """Return a part: plain data, the same from a process and from the file of parts."""
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


def _key(case: Case, digits: int, backend: str) -> list[Any]:
    """Return what an entry depends on: with another key, it is another entry."""
    return [code_digest(), VERSION, digits, backend, described(case), case.occupation]


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
        | {name: version(name) for name in PACKAGES},
        "dropped": [
            {"slug": outcome.slug, "reason": outcome.refusal}
            for outcome in outcomes
            if outcome.case is None
        ],
    }
    return ReferenceTable(VERSION, digits, provenance, cases)
