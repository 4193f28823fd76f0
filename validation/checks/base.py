"""What a check is, what it returns, and what it may look at.

A check makes one claim about a case (or, for checks without cases, about the model) and returns
rows: one comparison each, with its error, its tolerance and a verdict. May import: everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf

import qbnum
import validation
from qbsym.errors import NotDerivedError
from validation import metrics
from validation.enclosure import Enclosure, distance
from validation.errors import ValidationError
from validation.junctions import by_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qbnum import Junction
    from validation.cases import Case

__all__ = [
    "CORNER_TOLERANCE",
    "MODEL",
    "PAPER_TOLERANCE",
    "REFUSALS",
    "Check",
    "Context",
    "Row",
    "Verdict",
    "compare",
    "goal",
    "refused",
]

PAPER_TOLERANCE = 1e-12
"""At least twelve digits on the paper's cases: the project's stated goal."""

CORNER_TOLERANCE = 1e-10
"""At least ten digits on corners and random points: the project's stated goal."""

SHOWN = 25
"""Digits shown of a number that is no double."""

MODEL = "model"
"""The group of rows that belong to no case."""


class Verdict(StrEnum):
    """What came of one comparison."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    REFUSED = "refused"
    CRASHED = "crashed"


REFUSALS: tuple[type[Exception], ...] = (qbnum.QbnumError, ValidationError, NotDerivedError)
"""Typed errors by which a layer declines to answer. Anything else is a crash."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    check, case, group, observable : str
        What was compared, where. ``case`` is a slug, or names the step of a caseless check.
    verdict : Verdict
    error, plain, scaled : float
        The judged figure, the plain relative error and the error relative to
        integral |integrand|; see `validation.metrics`.
    tolerance : float
    value, expected : str
        Both numbers as text, or the message of a refusal.
    """

    check: str
    case: str
    group: str
    observable: str
    verdict: Verdict
    error: float = 0.0
    plain: float = 0.0
    scaled: float = 0.0
    tolerance: float = 0.0
    value: str = ""
    expected: str = ""


@dataclass
class Context:
    """A case with everything computed for it once, on demand, and shared by its checks.

    Accessors let the layers' typed refusals through; the runner turns them into rows.
    """

    case: Case
    digits: int = 30
    _outcomes: dict[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> Any:
        """The arbitrary-precision values, a mapping of observable to Enclosure."""
        return self._once(
            "reference",
            lambda: validation.reference(
                self.case.junction, digits=self.digits, bound_states=self.case.bound_states
            ),
        )

    @property
    def state(self) -> Any:
        """The fast layer's steady state."""
        return self._once("state", lambda: self.state_of(self.case.junction))

    def state_of(self, junction: Junction, bound_states: Any = None) -> qbnum.SteadyState:
        """Return the fast layer's steady state of a junction derived from the case's.

        ``bound_states`` is as for the reference; the case's own by default.
        """
        given = self.case.bound_states if bound_states is None else bound_states
        return qbnum.steady_state(junction, bound_states=by_position(junction, given))

    def _once(self, key: str, compute: Callable[[], Any]) -> Any:
        """Return, or raise again, what ``compute`` came to when it was first asked."""
        if key not in self._outcomes:
            try:
                self._outcomes[key] = compute()
            except REFUSALS as refusal:
                self._outcomes[key] = refusal
        outcome = self._outcomes[key]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass(frozen=True)
class Check:
    """One claim that is put to the test.

    Attributes
    ----------
    name : str
        What ``qbval run --only`` takes.
    claim : str
        One sentence.
    tolerance : str
        What is tolerated, and why.
    run : callable
        Takes a `Context`, or nothing for a caseless check, and returns rows.
    applies : callable or None
        Which cases the check is for; None makes it a caseless check.
    counts_digits : bool
        Whether the rows' error is a relative one, so that it tells digits.
    precise : bool
        Whether both sides are of arbitrary precision, so that digits may exceed a double's.
    """

    name: str
    claim: str
    tolerance: str
    run: Callable[..., Iterable[Row]]
    applies: Callable[[Case], bool] | None = None
    counts_digits: bool = True
    precise: bool = False


def goal(group: str) -> float:
    """Return the relative accuracy that the project promises on a group of cases."""
    return PAPER_TOLERANCE if group == "paper" else CORNER_TOLERANCE


def compare(
    check: str,
    case: Case | None,
    observable: str,
    value: Any,
    expected: Any,
    *,
    tolerance: float,
    absolute: Any = None,
    place: str = "",
    shown: str = "",
) -> Row:
    """Return the row that compares ``value`` with what is expected.

    Parameters
    ----------
    check, case, observable : str, Case or None, str
        Whose row it is.
    value : float or mpf
    expected : float, mpf or Enclosure
        The radius of an enclosure counts against the value.
    tolerance : float
        Largest judged error that agrees.
    absolute : float or mpf, optional
        integral |integrand|, if ``expected`` does not know it.
    place : str
        Stands for the case's slug in caseless checks.
    shown : str
        How to show what was expected, if not as a number.
    """
    if not isinstance(expected, Enclosure):
        # convert() keeps every digit, whatever precision is in force.
        mid = mp.convert(expected)
        size = distance(mid, 0) if absolute is None else mp.convert(absolute)
        expected = Enclosure(mid, mpf(0), size)
    found = metrics.compare(value, expected, sign_changing=observable in metrics.SIGN_CHANGING)
    # Digits know of the radius, the judged error does not.
    agreed = found.judged <= tolerance and found.digits >= -math.log10(tolerance) - 1e-9
    return Row(
        check=check,
        case=place or (case.slug if case else MODEL),
        group=case.group if case else MODEL,
        observable=observable,
        verdict=Verdict.AGREED if agreed else Verdict.DISAGREED,
        error=found.judged,
        plain=found.relative,
        scaled=found.scaled,
        tolerance=tolerance,
        value=_text(value),
        expected=shown or _text(expected),
    )


def _text(value: Any) -> str:
    if isinstance(value, float):
        return repr(float(value))
    return mp.nstr(value, SHOWN) if isinstance(value, mpf) else str(value)


def refused(check: str, case: Case, observable: str, error: Exception) -> Row:
    """Return the row of a typed refusal."""
    return Row(
        check=check,
        case=case.slug,
        group=case.group,
        observable=observable,
        verdict=Verdict.REFUSED,
        value=f"{type(error).__name__}: {error}",
    )
