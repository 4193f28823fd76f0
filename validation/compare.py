"""Two records of cross-validation runs held against each other: what got worse, what better.

May import: nothing but the standard library.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FLOOR", "THRESHOLD", "Change", "RecordComparison", "VerdictChange", "compare"]

FLOOR = 2.0**-50
"""Errors below it count as equal: they are a few roundings of a double, which another compiler or
processor changes without anything being better or worse. In comparisons of arbitrary precision
this passes over changes far below a double; what leaves its tolerance still counts."""

THRESHOLD = 1.0
"""Decimal digits that a relative error must lose or gain to count as worse or better. Of other
errors (a share of the error claimed, the order of a limit) only leaving the tolerance counts."""

VERDICTS = ("agreed", "empty", "disagreed")
STANDINGS = ("agreed", "refused", "disagreed", "crashed")
"""From the best to the worst: a refusal is no answer, but better than a wrong one."""

UNANSWERED = ("refused", "crashed")

_Entry = tuple[float | str, str]
"""An entry of the results, and which of `STANDINGS` it has."""

SOME_ANSWER: _Entry = ("answered", "agreed")
"""Stands against the refusal or crash of a check as a whole, which has no observable."""


@dataclass(frozen=True)
class VerdictChange:
    """A check whose verdict is another one.

    Parameters
    ----------
    check : str
    old, new : str
        ``agreed``, ``disagreed`` or ``empty``.
    """

    check: str
    old: str
    new: str

    @property
    def worse(self) -> bool:
        """Whether the new verdict is the worse one; ``empty`` is between the other two."""
        return VERDICTS.index(self.new) > VERDICTS.index(self.old)


@dataclass(frozen=True)
class Change:
    """A comparison that changed.

    Parameters
    ----------
    check, case, observable : str
        ``observable`` is empty where the check as a whole was refused or crashed on one side.
    old, new : float or str
        Judged errors, or ``inf``, ``nan``, ``refused``, ``crashed``, or ``answered`` where the
        other side has no answer for the check as a whole.
    verdict : str
        What became of it in the new record: ``agreed``, ``refused``, ``disagreed``, ``crashed``.
    digits : float or None
        Decimal digits gained (> 0) or lost (< 0), errors below `FLOOR` counted as `FLOOR`;
        infinite where only one side has a finite error, 0 where neither has. None where the
        check's error is no relative one.
    """

    check: str
    case: str
    observable: str
    old: float | str
    new: float | str
    verdict: str
    digits: float | None


@dataclass(frozen=True)
class RecordComparison:
    """What differs between two records.

    Parameters
    ----------
    compared : int
        Comparisons that are in both records; those with one name are one there.
    verdicts : tuple of VerdictChange
        Checks, in both records, whose verdict changed.
    worse : tuple of Change
        Comparisons that disagree or crash now and did not, or whose relative error lost
        `THRESHOLD` digits or more; the worst first.
    refused : tuple of Change
        Answered before; refused or crashed now.
    better, answered : tuple of Change
        The same with the two records exchanged.
    only_old, only_new : dict of str to int
        Comparisons in one record only, by check.
    versions, options : dict of str to tuple
        Entries that differ, the platform among the versions: name to the old and the new value.
    """

    compared: int
    verdicts: tuple[VerdictChange, ...]
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    refused: tuple[Change, ...]
    answered: tuple[Change, ...]
    only_old: dict[str, int]
    only_new: dict[str, int]
    versions: dict[str, tuple[Any, Any]]
    options: dict[str, tuple[Any, Any]]

    @property
    def got_worse(self) -> bool:
        """Whether anything that is in both records is worse in the new one."""
        return bool(self.worse or self.refused or any(change.worse for change in self.verdicts))


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> RecordComparison:
    """Return what differs between two records.

    Parameters
    ----------
    old, new : mapping
        Records, as of `validation.record.read_record` or `validation.record.build_record`.
    """
    found: dict[str, list[Change]] = {"worse": [], "better": [], "refused": [], "answered": []}
    only_old: Counter[str] = Counter()
    only_new: Counter[str] = Counter()
    compared = 0
    relative = _with_digits(old) & _with_digits(new)
    first, second = _standings(old), _standings(new)
    for check, case in dict.fromkeys([*first, *second]):
        before, after = first.get((check, case), {}), second.get((check, case), {})
        for observable in dict.fromkeys([*before, *after]):
            whole = not observable and before and after
            a = before.get(observable, SOME_ANSWER if whole else None)
            b = after.get(observable, SOME_ANSWER if whole else None)
            if a and b:
                compared += 1
                digits = _gained(a[0], b[0]) if check in relative else None
                change = Change(check, case, observable, a[0], b[0], b[1], digits)
                found.get(_kind(a, b, digits), []).append(change)
            # What a refusal of the whole check swallowed is told by the refusal.
            elif a and not _unanswered(after.get("", SOME_ANSWER)):
                only_old[check] += 1
            elif b and not _unanswered(before.get("", SOME_ANSWER)):
                only_new[check] += 1
    return RecordComparison(
        compared=compared,
        verdicts=_verdicts(old, new),
        worse=tuple(sorted(found["worse"], key=_worst_first)),
        better=tuple(sorted(found["better"], key=_best_first)),
        refused=tuple(sorted(found["refused"], key=_worst_first)),
        answered=tuple(found["answered"]),
        only_old=dict(only_old),
        only_new=dict(only_new),
        versions=_differences(_versions(old), _versions(new)),
        options=_differences(old["options"], new["options"]),
    )


def _standings(record: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, _Entry]]:
    """Return the record's results by check and case, then observable."""
    wrong = {
        (check["name"], row["case"], row["observable"])
        for check in record["checks"]
        for row in check["failures"]
        if row["verdict"] == "disagreed"
    }

    def entry(name: tuple[str, str, str], value: float | str) -> _Entry:
        if value in UNANSWERED:
            return value, str(value)
        return value, "disagreed" if name in wrong else "agreed"

    return {
        (check, case): {name: entry((check, case, name), value) for name, value in values.items()}
        for check, cases in record["results"].items()
        for case, values in cases.items()
    }


def _with_digits(record: Mapping[str, Any]) -> set[str]:
    """Return the checks whose error is a relative one."""
    return {check["name"] for check in record["checks"] if check["digits"] is not None}


def _kind(old: _Entry, new: _Entry, digits: float | None) -> str:
    """Return the list that a comparison belongs to, or nothing."""
    rise = STANDINGS.index(new[1]) - STANDINGS.index(old[1])
    if rise > 0 and _unanswered(new) and not _unanswered(old):
        return "refused"
    if rise < 0 and _unanswered(old) and not _unanswered(new):
        return "answered"
    if rise:
        return "worse" if rise > 0 else "better"
    if digits is not None and abs(digits) >= THRESHOLD:
        return "worse" if digits < 0 else "better"
    return ""


def _unanswered(entry: _Entry) -> bool:
    return entry[1] in UNANSWERED


def _gained(old: float | str, new: float | str) -> float:
    a, b = _error(old), _error(new)
    if a == b:
        return 0.0
    if math.inf in (a, b):
        return math.inf if a == math.inf else -math.inf
    # Recorded errors have three digits: a hair is left for the rounding of the logarithm.
    return round(math.log10(a) - math.log10(b), 6)


def _error(entry: float | str) -> float:
    return math.inf if isinstance(entry, str) else max(entry, FLOOR)


def _worst_first(change: Change) -> tuple[int, float]:
    return -STANDINGS.index(change.verdict), change.digits or 0.0


def _best_first(change: Change) -> float:
    return -(change.digits or 0.0)


def _verdicts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[VerdictChange, ...]:
    before = {check["name"]: check["verdict"] for check in old["checks"]}
    after = {check["name"]: check["verdict"] for check in new["checks"]}
    return tuple(
        VerdictChange(name, before[name], after[name])
        for name in before
        if name in after and before[name] != after[name]
    )


def _versions(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record["versions"], "platform": record["run"]["platform"]}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*old, *new])
    return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}
