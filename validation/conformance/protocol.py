"""The protocol of the conformance kit: one line of JSON for each case, one line for each answer.

Input lines hold a junction and no answer. A number in them is the shortest decimal of a double,
and that double is what is meant, exactly. What comes back is read into typed outcomes; nothing in
an answer is ever taken for a number that is none. May import: validation.exact, .errors,
.reference_table.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from validation.errors import ParameterError, ValidationError
from validation.exact import parse_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from validation.reference_table import TableCase

__all__ = [
    "FAILURES",
    "Answer",
    "Failure",
    "Outcome",
    "ProtocolError",
    "Reading",
    "excerpt",
    "input_line",
    "parse_answer",
    "read_answers",
]

EXCERPT = 200
"""Characters of a received line that a report shows."""

FAILURES = {
    "crash": "the program ended, or closed its output, before it answered",
    "timeout": "no complete line came in time",
    "not-flushed": (
        "the answer came only when the input was closed: flush the output after each line, e.g. "
        "fflush(stdout), print(..., flush=True)"
    ),
    "garbage": (
        "the line is not an answer: give one JSON object with an id on each line of standard "
        "output, and print everything else to standard error"
    ),
    "wrong-id": "the answer belongs to another case: answer each line once, and in order",
    "too-long": "the line is longer than any answer",
    "answered-twice": "the case was answered before; the first answer counts",
    "not-asked": "the program had failed too often without one answer, and was not asked again",
}
"""Everything that can go wrong before an answer can be scored, and what to do about it."""


class ProtocolError(ValidationError, ValueError):
    """A line is not an answer."""


@dataclass(frozen=True)
class Answer:
    """What one output line says.

    Parameters
    ----------
    case : str
        The ``id``: slug of the case.
    values : dict of str to float or Fraction
        By observable: doubles, or exact fractions where the number came as text.
    texts : dict of str to str
        That text.
    not_numbers : dict of str to str
        Observables whose value is null, NaN, infinite or not a number, with what stood there.
    estimates : dict of str to float
        The implementation's own absolute error estimates, finite and >= 0.
    bad_estimates : dict of str to str
        Estimates that are not such numbers, with what stood there.
    refusal : str or None
        The text of ``error``: an honest refusal of every value that is not given.
    """

    case: str
    values: dict[str, float | Fraction] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    not_numbers: dict[str, str] = field(default_factory=dict)
    estimates: dict[str, float] = field(default_factory=dict)
    bad_estimates: dict[str, str] = field(default_factory=dict)
    refusal: str | None = None


@dataclass(frozen=True)
class Failure:
    """Why a case has no answer, with what was received instead.

    Parameters
    ----------
    case : str
        Slug of the case; empty if the line names none.
    kind : str
        A key of `FAILURES`.
    received : str
        The line, shortened.
    detail : str
        What is known besides: exit code or signal, line number, what is wrong with the line.
    stderr : tuple of str
        The last lines of standard error.
    """

    case: str
    kind: str
    received: str = ""
    detail: str = ""
    stderr: tuple[str, ...] = ()


Outcome: TypeAlias = "Answer | Failure"


def input_line(case: TableCase) -> str:
    """Return a case as a line of JSON, without its line end and without the answer."""
    data: dict[str, Any] = {"id": case.slug}
    for name, text in case.hex.items():
        side, _, parameter = name.rpartition(".")
        place = data.setdefault(side, {}) if side else data
        # json writes a float as its shortest round-trip decimal.
        place[parameter] = float.fromhex(text)
    data["bound_state_occupations"] = list(case.occupations)
    return json.dumps(data)


def parse_answer(line: str) -> Answer:
    """Return what an output line says.

    A JSON number is read as the nearest double. Text is read as the exact number that it denotes,
    decimal, rational or hexadecimal, so that more than double precision can be given. An integer
    or a text beyond the largest double counts as infinite.

    Raises
    ------
    ProtocolError
        Not a JSON object, or one without ``id`` and without ``values`` or ``error``.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ProtocolError("not a JSON object")
    case = data.get("id")
    if not isinstance(case, str):
        raise ProtocolError('no "id" that is text')
    values, estimates = data.get("values", {}), data.get("error_estimates", {})
    refusal = data.get("error")
    if refusal is not None:
        refusal = excerpt(refusal if isinstance(refusal, str) else json.dumps(refusal))
    elif "values" not in data:
        raise ProtocolError('neither "values" nor "error"')
    for name, entry in (("values", values), ("error_estimates", estimates)):
        if not isinstance(entry, dict):
            raise ProtocolError(f'"{name}" is not a JSON object')
    answer = Answer(case, refusal=refusal)
    for name, given in values.items():
        number = _number(given)
        if number is None:
            answer.not_numbers[name] = excerpt(json.dumps(given))
        else:
            answer.values[name] = number
            if isinstance(number, Fraction):
                answer.texts[name] = excerpt(given)
    for name, given in estimates.items():
        number = _number(given)
        if number is None or number < 0:
            answer.bad_estimates[name] = excerpt(json.dumps(given))
        else:
            answer.estimates[name] = float(number)
    return answer


def _number(given: Any) -> float | Fraction | None:
    """Return the finite number that a JSON value stands for, or None."""
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        try:
            exact = parse_number(given)
        except ParameterError:
            return None
        return exact if abs(exact) <= Fraction(sys.float_info.max) else None
    if isinstance(given, int | float):
        try:
            value = float(given)
        except OverflowError:
            return None
        return value if math.isfinite(value) else None
    return None


def excerpt(text: str) -> str:
    """Return a received text on one line, without control characters, shortened."""
    line = "".join(c if c.isprintable() else "�" for c in text.strip().replace("\n", " "))
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


@dataclass(frozen=True)
class Reading:
    """A file of answers, read.

    Parameters
    ----------
    outcomes : dict of str to Outcome
        By case. A case without an answer is not in it.
    failures : tuple of Failure
        Lines that are not an answer, or a second one.
    unknown : tuple of str
        Ids that are no case of the table.
    """

    outcomes: dict[str, Outcome]
    failures: tuple[Failure, ...]
    unknown: tuple[str, ...]


def read_answers(lines: Iterable[str], slugs: Collection[str]) -> Reading:
    """Read the lines of a results file, in any order; blank ones are skipped.

    Parameters
    ----------
    lines : iterable of str
    slugs : collection of str
        All cases of the table, whether they are scored or not.
    """
    outcomes: dict[str, Outcome] = {}
    failures: list[Failure] = []
    unknown: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            answer = parse_answer(line)
        except ProtocolError as error:
            failures.append(Failure("", "garbage", excerpt(line), f"{where}: {error}"))
            continue
        if answer.case in outcomes:
            failures.append(Failure(answer.case, "answered-twice", excerpt(line), where))
        elif answer.case in slugs:
            outcomes[answer.case] = answer
        else:
            unknown.append(answer.case)
    return Reading(outcomes, tuple(failures), tuple(unknown))
