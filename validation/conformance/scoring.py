"""Score answers against the reference table: digits, honesty, and whose fault lost digits are.

Digits are those of `validation.metrics`: the reference is never rounded, and sign-changing
observables near their zero are measured by the integral of the magnitude of their integrand.
May import: mpmath, qbsym, validation.metrics, .enclosure, .conformance.protocol.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from mpmath import mp, mpf

from qbsym.observables import observable
from validation import metrics
from validation.conformance.protocol import Answer, Failure
from validation.enclosure import distance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from validation.conformance.protocol import Outcome
    from validation.reference_table import TableCase, TableValue

__all__ = [
    "DIGITS_OF_DOUBLES",
    "OUTCOMES",
    "Score",
    "Summary",
    "score",
    "summarise",
]

DIGITS_OF_DOUBLES = -math.log10(2.0**-53)
"""15.95: digits of a correctly rounded double, in the worst case."""

DIGITS_SHOWN = 17.0
"""Most digits credited to a double, which may hit its reference closer by luck."""

SIGN_IS_NOISE = 6.0
"""Digits of what cancels from which an opposite sign is a rounding error and no mistake."""

OUTCOMES = {
    "number": "a number, which was compared",
    "missing": "no value, and no word about it",
    "not a number": "null, NaN, infinite, or text that is no number",
    "refused": "honestly refused, with a text",
    "failed": "no answer at all: a crash, a timeout or a line that is no answer",
}
"""What becomes of a value; each has exactly one."""

EXPECTED_DIGITS = 20
"""Digits of the right value in reports; the table has all of them."""


@dataclass(frozen=True)
class Score:
    """One observable of one case.

    Parameters
    ----------
    case, regime, observable : str
    outcome : str
        A key of `OUTCOMES`.
    got, expected : str
        What was answered and what is right.
    error : float
        The judged error of a number, as of `validation.metrics.compare`; infinite without one.
    digits : float
        ``-log10(error)`` from 0 to what the reference vouches for; 0 without a number.
    attainable : float
        Digits that a backward-stable method keeps in double precision, ``-log10(kappa 2^-53)``,
        from 0 to `DIGITS_OF_DOUBLES`.
    wrong_sign : bool
        Whether the sign is wrong by more than rounding explains.
    estimate : float or None
        The implementation's own absolute error estimate; NaN if it is not a number >= 0.
    ratio : float or None
        True error over own estimate: above 1 the estimate understates.
    """

    case: str
    regime: str
    observable: str
    outcome: str
    got: str
    expected: str
    error: float = math.inf
    digits: float = 0.0
    attainable: float = DIGITS_OF_DOUBLES
    wrong_sign: bool = False
    estimate: float | None = None
    ratio: float | None = None

    @property
    def lost(self) -> float:
        """Digits that the method loses beyond those that nature takes."""
        return max(0.0, self.attainable - self.digits)

    @property
    def understated(self) -> bool:
        """Whether there is an estimate, and it is not an upper bound of the error."""
        return self.ratio is not None and not self.ratio <= 1


def score(
    cases: Iterable[TableCase],
    outcomes: Mapping[str, Outcome],
    observables: Sequence[str],
) -> tuple[Score, ...]:
    """Return one score for each case and observable.

    Parameters
    ----------
    cases : iterable of TableCase
    outcomes : mapping of str to Answer or Failure
        By case; a case that is not in it was not answered.
    observables : sequence of str
    """
    return tuple(
        _score(case, name, case.values[name], outcomes.get(case.slug))
        for case in cases
        for name in observables
    )


def _score(case: TableCase, name: str, right: TableValue, outcome: Outcome | None) -> Score:
    with mp.workdps(right.digits):
        expected = mp.nstr(right.enclosure.mid, EXPECTED_DIGITS)

    def without(kind: str, got: str = "") -> Score:
        return Score(case.slug, case.regime, name, kind, got, expected)

    if isinstance(outcome, Failure):
        return without("failed", outcome.kind)
    if outcome is None:
        return without("missing")
    if name in outcome.values:
        return _of_number(case, name, right, outcome, expected)
    if name in outcome.not_numbers:
        return without("not a number", outcome.not_numbers[name])
    return without("missing") if outcome.refusal is None else without("refused", outcome.refusal)


def _of_number(
    case: TableCase, name: str, right: TableValue, answer: Answer, expected: str
) -> Score:
    value, reference = answer.values[name], right.enclosure
    # `compare` takes exact numbers as they are; only its signature speaks of doubles.
    found = metrics.compare(
        cast("float", value), reference, sign_changing=name in metrics.SIGN_CHANGING
    )
    error, digits = found.judged, found.digits
    if reference.mid == 0 and reference.absolute_integral == 0:
        # Nothing is relative to 0: the yardstick is the size that the observable may have.
        error = float(abs(Fraction(value)) / _size(case, name))
        digits = math.inf if error == 0 else max(0.0, -math.log10(error))
    opposite = (value > 0 > reference.mid) or (value < 0 < reference.mid)
    estimate, ratio = _honesty(answer, name, value, right)
    exact_text = isinstance(value, Fraction)
    return Score(
        case.slug,
        case.regime,
        name,
        "number",
        answer.texts[name] if exact_text else repr(value),
        expected,
        error=error,
        digits=min(digits, float(right.digits) if exact_text else DIGITS_SHOWN),
        attainable=_attainable(name, right),
        wrong_sign=opposite and digits < SIGN_IS_NOISE,
        estimate=estimate,
        ratio=ratio,
    )


def _size(case: TableCase, name: str) -> Fraction:
    """Return 1, h or h^2 by the observable's unit, with h the larger hopping."""
    hopping = max(case.junction.left.hopping, case.junction.right.hopping)
    return hopping ** {"1": 0, "energy": 1, "energy^2": 2}[observable(name).units]


def _attainable(name: str, right: TableValue) -> float:
    kappa, reference = right.condition, right.enclosure
    if kappa is None or kappa == 0:
        return DIGITS_OF_DOUBLES
    if name in metrics.SIGN_CHANGING and reference.condition >= metrics.NEAR_ZERO_CONDITION:
        # The digits are relative to the integral of the magnitude, so the condition is too.
        kappa /= reference.condition
    return min(DIGITS_OF_DOUBLES, max(0.0, DIGITS_OF_DOUBLES - math.log10(max(kappa, 1.0))))


def _honesty(
    answer: Answer, name: str, value: float | Fraction, right: TableValue
) -> tuple[float | None, float | None]:
    """Return the estimate and the true error over it; None without an estimate."""
    if name in answer.bad_estimates:
        return math.nan, math.inf
    estimate = answer.estimates.get(name)
    if estimate is None:
        return None, None
    # What the reference itself does not know cannot be held against the estimate.
    error = max(distance(value, right.enclosure) - right.enclosure.radius, mpf(0))
    # Below the smallest normal double no double is relatively accurate.
    return estimate, float(error / max(mpf(estimate), mpf(metrics.SMALLEST_NORMAL)))


@dataclass(frozen=True)
class Summary:
    """The scores of one observable, one regime, or one of both.

    Parameters
    ----------
    name : tuple of str
        What they have in common.
    count : int
        Values asked for.
    outcomes : dict of str to int
        How many of each of `OUTCOMES`.
    worst : Score or None
        The number with fewest digits; None without any number, as are the next four.
    tenth, median : float or None
        Digits that nine tenths, and half, of the numbers have.
    lost, lost_median : float or None
        Digits that the method loses beyond nature: most, and median.
    wrong_signs : int
    estimates, understated : int
        Numbers with an own error estimate, and estimates below the true error.
    ratio : float or None
        Largest true error over estimate.
    """

    name: tuple[str, ...]
    count: int
    outcomes: dict[str, int]
    worst: Score | None
    tenth: float | None
    median: float | None
    lost: float | None
    lost_median: float | None
    wrong_signs: int
    estimates: int
    understated: int
    ratio: float | None


def summarise(
    scores: Iterable[Score], key: Callable[[Score], tuple[str, ...]]
) -> dict[tuple[str, ...], Summary]:
    """Return summaries of scores by what ``key`` says that they have in common, in their order."""
    groups: dict[tuple[str, ...], list[Score]] = {}
    for entry in scores:
        groups.setdefault(key(entry), []).append(entry)
    return {name: _summary(name, group) for name, group in groups.items()}


def _summary(name: tuple[str, ...], scores: Sequence[Score]) -> Summary:
    numbers = [entry for entry in scores if entry.outcome == "number"]
    digits = sorted(entry.digits for entry in numbers)
    lost = [entry.lost for entry in numbers]
    ratios = [entry.ratio for entry in numbers if entry.ratio is not None]
    return Summary(
        name=name,
        count=len(scores),
        outcomes={kind: sum(entry.outcome == kind for entry in scores) for kind in OUTCOMES},
        worst=min(numbers, key=lambda entry: entry.digits, default=None),
        tenth=digits[(len(digits) - 1) // 10] if digits else None,
        median=statistics.median(digits) if digits else None,
        lost=max(lost, default=None),
        lost_median=statistics.median(lost) if lost else None,
        wrong_signs=sum(entry.wrong_sign for entry in numbers),
        estimates=len(ratios),
        understated=sum(entry.understated for entry in numbers),
        ratio=max(ratios, default=None),
    )
