"""For the tests of other implementations: hold a function against the reference table.

The values are the table's, to 40 digits, each with a proven radius; nothing is computed but the
digits. May import: numpy, qbnum (the record of a junction only), validation.conformance,
.reference_table, ._display, .errors.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

import qbnum
from validation._display import text_table
from validation.conformance.protocol import Answer, Failure, Outcome
from validation.conformance.scoring import Score, score
from validation.errors import ParameterError, shown
from validation.reference_table import TableCase, load_table
from validation.references import OBSERVABLES

if TYPE_CHECKING:
    from validation.conformance.mistakes import Finding

__all__ = ["ReferenceJunction", "assert_matches_reference", "reference_junctions"]

MOST_DIGITS = 15
"""Digits that can be asked of a double."""

SPARE = 1.0
"""A method may lose one digit more than the rounding of the inputs alone would take."""

ROWS_SHOWN = 20
FAILURES_SHOWN = 3
MISTAKES_SHOWN = 3
WIDTH = 100

Names: TypeAlias = str | Collection[str]
Refusals: TypeAlias = type[Exception] | tuple[type[Exception], ...]


@dataclass(frozen=True, eq=False, repr=False)
class ReferenceJunction(qbnum.Junction):
    """A junction of the reference table: what the function under test is called with.

    A scalar `qbnum.Junction`, so that its parameters are attributes: ``junction.level``,
    ``junction.left.hopping``, ... ``dataclasses.asdict(junction)`` is the very object that the
    conformance protocol sends as JSON, with the same names.

    Parameters
    ----------
    level, left, right, mu_eq, temperature_eq
        As in `qbnum.Junction`; each number is a Python float, and counts as exact.
    id : str
        The case's name, as `qbval reference show` takes it.
    bound_state_occupations : tuple of float
        One for each bound state, in order of energy; empty where there is none.
    """

    id: str = ""
    bound_state_occupations: tuple[float, ...] = ()


def reference_junctions(
    regime: Names | None = None, cases: Names | None = None
) -> tuple[ReferenceJunction, ...]:
    """Return junctions of the reference table.

    Parameters
    ----------
    regime : str or collection of str, optional
        One or more of `validation.cases.REGIMES`; all by default.
    cases : str or collection of str, optional
        Names of cases, or patterns such as ``"paper-*"``; all by default.

    Raises
    ------
    ParameterError
        No such regime, or no case that matches. It is a ``ValueError``.
    """
    return tuple(_junction(case) for case in _chosen(regime, cases))


def assert_matches_reference(
    fn: Callable[[ReferenceJunction], Any],
    regime: Names | None = None,
    digits: float = 10,
    observables: Names | None = None,
    cases: Names | None = None,
    *,
    refusals: Refusals = (),
) -> tuple[Score, ...]:
    """Assert that a function gives the observables of the reference table's junctions.

    Digits are ``-log10`` of the relative error, for energies and currents near their zero relative
    to the integral of their integrand's magnitude. Fewer than ``digits`` are asked where a case is
    so sensitive to its inputs that their rounding alone takes more, but for one digit.

    Parameters
    ----------
    fn : callable
        Called with a `ReferenceJunction`. Returns a mapping from the observables' names to
        numbers, or an object with attributes of these names.
    regime : str or collection of str, optional
        Only cases of these regimes, see `validation.cases.REGIMES`.
    digits : float, optional
        Digits asked of every value, at most 15.
    observables : str or collection of str, optional
        What ``fn`` gives, names of `validation.references.OBSERVABLES`. By default all, and one
        that is missing counts as wrong.
    cases : str or collection of str, optional
        Only these cases, by names or patterns such as ``"paper-*"``.
    refusals : exception or tuple of exceptions, optional
        What ``fn`` raises where it honestly has no value; these are not compared. Any other
        exception counts as wrong.

    Returns
    -------
    tuple of Score
        Digits of every value, for who wants to look further.

    Raises
    ------
    AssertionError
        A value has too few digits, the wrong sign, is missing or no number, ``fn`` raised, or it
        refused everything. The message shows the worst first, names well-known mistakes that
        explain them, and says how to see the certified values.
    ParameterError
        No such regime, case or observable, or ``digits`` outside 0 ... 15. It is a ``ValueError``.

    Examples
    --------
    >>> import qbnum
    >>> from validation.testing import assert_matches_reference
    >>> scores = assert_matches_reference(qbnum.steady_state, cases="weak-1e-6", digits=12)
    >>> len(scores)
    17
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    names = _observables(observables)
    if not isinstance(digits, int | float) or not 0 < digits <= MOST_DIGITS:
        raise ParameterError(f"digits = {shown(digits)} is outside its domain: above 0, up to 15")
    kinds = refusals if isinstance(refusals, tuple) else (refusals,)
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
        raise ParameterError(f"refusals = {shown(refusals)}; give an exception or a tuple of them")
    chosen = _chosen(regime, cases)
    asked = [_asked(fn, _junction(case), names, refusals) for case in chosen]
    outcomes = {outcome.case: outcome for outcome, _ in asked}
    scores = score(chosen, outcomes, names)
    wrong = [entry for entry in scores if _is_wrong(entry, digits)]
    raised = [error for _, error in asked if error is not None]
    if wrong or all(entry.outcome == "refused" for entry in scores):
        message = _message(wrong, outcomes, digits, f"{len(scores)} values at {len(chosen)}")
        raise AssertionError(message) from (raised[0] if raised else None)
    return scores


def _names(given: Names) -> tuple[str, ...]:
    try:
        names = (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        names = (None,)  # type: ignore[assignment]
    if not all(isinstance(name, str) for name in names):
        raise ParameterError(f"{shown(given)} is neither a name nor a collection of names")
    return names


def _observables(given: Names | None) -> tuple[str, ...]:
    names = OBSERVABLES if given is None else _names(given)
    unknown = [name for name in names if name not in OBSERVABLES]
    if unknown or not names:
        raise ParameterError(f"observables = {shown(given)}; there are {', '.join(OBSERVABLES)}")
    return tuple(name for name in OBSERVABLES if name in names)


def _chosen(regime: Names | None, patterns: Names | None) -> tuple[TableCase, ...]:
    """Return the table's cases of these regimes that match any of the patterns."""
    table = load_table()
    regimes = dict.fromkeys(case.regime for case in table.cases)
    wanted = regimes if regime is None else _names(regime)
    for name in wanted:
        if name not in regimes:
            raise ParameterError(f"no regime {shown(name)}; there are {', '.join(regimes)}")
    found = tuple(
        case
        for case in table.cases
        if case.regime in wanted
        and (patterns is None or any(fnmatch.fnmatchcase(case.slug, p) for p in _names(patterns)))
    )
    if not found:
        raise ParameterError(
            f"no case matches cases = {shown(patterns)} and regime = {shown(regime)}; "
            "'qbval reference show' lists all"
        )
    return found


def _junction(case: TableCase) -> ReferenceJunction:
    parts: dict[str, dict[str, float]] = {"": {}, "left": {}, "right": {}}
    for dotted, text in case.hex.items():
        side, _, name = dotted.rpartition(".")
        parts[side][name] = float.fromhex(text)
    return ReferenceJunction(
        left=qbnum.Lead(**parts["left"]),
        right=qbnum.Lead(**parts["right"]),
        id=case.slug,
        bound_state_occupations=case.occupations,
        **parts[""],
    )


def _asked(
    fn: Callable[[ReferenceJunction], Any],
    junction: ReferenceJunction,
    names: Collection[str],
    refusals: Refusals,
) -> tuple[Outcome, Exception | None]:
    """Return what the function says of a junction, and what it raised that is no refusal."""
    values: dict[str, float | Fraction] = {}
    not_numbers: dict[str, str] = {}
    refusal = None
    try:
        given = fn(junction)
        for name in names:
            try:
                value = (
                    given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)
                )
            except refusals as error:
                refusal = _told(error)
                continue
            number = _number(value)
            if number is not None:
                values[name] = number
            elif value is not None:
                not_numbers[name] = shown(value)
    except refusals as error:
        refusal = _told(error)
    except Exception as error:  # whatever it is, it is what the test has to report
        return Failure(junction.id, "crash", detail=_told(error)), error
    return Answer(junction.id, values, not_numbers=not_numbers, refusal=refusal), None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _number(value: Any) -> float | None:
    """Return a real scalar as a finite float, and None for anything else."""
    if isinstance(value, str | bytes | bool | np.bool_ | complex) or np.ma.is_masked(value):
        return None
    try:
        number = float(value) if np.ndim(value) == 0 else math.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _needed(entry: Score, digits: float) -> float:
    return max(0.0, min(digits, entry.attainable - SPARE))


def _is_wrong(entry: Score, digits: float) -> bool:
    if entry.outcome != "number":
        return entry.outcome != "refused"
    return entry.wrong_sign or entry.digits < _needed(entry, digits)


def _message(
    wrong: list[Score], outcomes: Mapping[str, Outcome], digits: float, compared: str
) -> str:
    """Return what a person needs to find the mistake."""
    if not wrong:
        return f"nothing was compared: all {compared} junctions were refused"
    lines = [
        f"{len(wrong)} of {compared} junctions do not match the reference to {digits:g} digits"
    ]
    failures = [outcome for outcome in outcomes.values() if isinstance(outcome, Failure)]
    if failures:
        lines += ["", f"The function raised at {len(failures)} of them:"]
        lines += [f"  {f.case}: {f.detail}" for f in failures[:FAILURES_SHOWN]]
        lines += _more(len(failures) - FAILURES_SHOWN)
    table = sorted(
        (entry for entry in wrong if entry.outcome != "failed"),
        key=lambda entry: entry.digits - _needed(entry, digits),
    )
    if table:
        rows = [_row(entry, digits) for entry in table[:ROWS_SHOWN]]
        headings = ("case", "observable", "got", "expected", "digits", "needed")
        lines += ["", *(f"  {line}" for line in text_table(headings, rows))]
        lines += _more(len(table) - ROWS_SHOWN)
    if any(entry.outcome == "missing" for entry in table):
        lines += ["", "missing: name what the function gives by observables=[...]"]
    for finding in _findings(outcomes)[:MISTAKES_SHOWN]:
        mistake = finding.mistake
        lines += [
            "",
            f"Likely mistake: {mistake.title} ({mistake.name})",
            *_wrapped(mistake.explanation),
            *_wrapped(f"Remedy: {mistake.remedy}"),
            *_wrapped(
                f"It explains {finding.explained} of {finding.wrong} wrong values of "
                f"{', '.join(finding.observables)}; {finding.example}."
            ),
        ]
    worst = (table or wrong)[0].case
    lines += [
        "",
        "The worst case's certified values: qbval reference show " + worst,
        f"Its junction: validation.testing.reference_junctions(cases={worst!r})[0]",
    ]
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _more(left: int) -> list[str]:
    return [f"  ... and {left} more"] if left > 0 else []


def _row(entry: Score, digits: float) -> tuple[str, ...]:
    got = entry.got if entry.outcome in ("number", "not a number") else ""
    note = {"number": f"{entry.digits:.1f}" + (" wrong sign" if entry.wrong_sign else "")}
    return (
        entry.case,
        entry.observable,
        got,
        entry.expected,
        note.get(entry.outcome, entry.outcome),
        f"{_needed(entry, digits):.1f}",
    )


def _findings(outcomes: Mapping[str, Outcome]) -> tuple[Finding, ...]:
    # Loads what only a failure needs.
    from validation.conformance.mistakes import recognise

    return recognise(
        load_table(),
        {
            slug: {name: float(value) for name, value in outcome.values.items()}
            for slug, outcome in outcomes.items()
            if isinstance(outcome, Answer)
        },
    )
