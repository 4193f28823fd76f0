"""What an implementation must reach, and whether it does: this sets the exit code.

May import: validation.conformance.scoring, .protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validation.conformance.scoring import summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validation.conformance.protocol import Failure
    from validation.conformance.scoring import Score

__all__ = ["Requirement", "Thresholds", "requirements"]


@dataclass(frozen=True)
class Thresholds:
    """Digits that are asked for.

    Parameters
    ----------
    min_digits : float
        Of every number. By default 6: more than a figure shows, and within reach of double
        precision in every case of the table (qbnum has 12), whereas a wrong formula and an
        uncontrolled cancellation fall below.
    min_median : float or None
        Of the median of every observable.
    digits_lost : float or None
        Most digits that any number may lose to the method, beyond those that nature takes.
    """

    min_digits: float = 6.0
    min_median: float | None = None
    digits_lost: float | None = None


@dataclass(frozen=True)
class Requirement:
    """One threshold, and whether it is met.

    Parameters
    ----------
    claim : str
    met : bool
    evidence : str
        What decides; empty where there is nothing to show.
    """

    claim: str
    met: bool
    evidence: str


def requirements(
    scores: Sequence[Score], failures: Sequence[Failure], thresholds: Thresholds
) -> tuple[Requirement, ...]:
    """Return the verdict on every threshold; an honest refusal breaks none."""
    numbers = [entry for entry in scores if entry.outcome == "number"]
    worst = min(numbers, key=lambda entry: entry.digits, default=None)
    found = [
        _none("every line received is an answer", [f"{f.kind} {f.case}".strip() for f in failures]),
        _none("no value is missing", [_name(s) for s in scores if s.outcome == "missing"]),
        _none("every value is a number", [_name(s) for s in scores if s.outcome == "not a number"]),
        _none("no sign is wrong", [_name(s) for s in numbers if s.wrong_sign]),
        Requirement(
            f"every value has {thresholds.min_digits:g} digits",
            worst is not None and worst.digits >= thresholds.min_digits,
            f"worst {worst.digits:.1f}: {_name(worst)}" if worst else "no number was given",
        ),
    ]
    if thresholds.min_median is not None:
        medians = {
            name[0]: summary.median
            for name, summary in summarise(numbers, lambda s: (s.observable,)).items()
            if summary.median is not None
        }
        lowest = min(medians, key=lambda name: medians[name], default=None)
        found.append(
            Requirement(
                f"the median of every observable has {thresholds.min_median:g} digits",
                lowest is not None and medians[lowest] >= thresholds.min_median,
                f"lowest {medians[lowest]:.1f}: {lowest}" if lowest else "no number was given",
            )
        )
    if thresholds.digits_lost is not None:
        loser = max(numbers, key=lambda entry: entry.lost, default=None)
        found.append(
            Requirement(
                f"no more than {thresholds.digits_lost:g} digits are lost by the method",
                loser is not None and loser.lost <= thresholds.digits_lost,
                f"most {loser.lost:.1f}: {_name(loser)}" if loser else "no number was given",
            )
        )
    return tuple(found)


def _name(entry: Score) -> str:
    return f"{entry.observable} of {entry.case}"


def _none(claim: str, offenders: Sequence[str]) -> Requirement:
    """Return the requirement that there is no offender."""
    if not offenders:
        return Requirement(claim, True, "")
    more = f", and {len(offenders) - 1} more" if len(offenders) > 1 else ""
    return Requirement(claim, False, f"{offenders[0]}{more}")
