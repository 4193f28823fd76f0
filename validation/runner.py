"""The cross-validation run: every check on every case it applies to, spread over processes.

A task is one case with all its checks (they share its reference value, the expensive part), or
one caseless check. Results come back in the order of the tasks, whatever the number of workers.
May import: everything.
"""

from __future__ import annotations

import math
import signal
import threading
import traceback
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from validation.checks import CHECKS, MODEL, REFUSALS, Check, Context, Row, Verdict
from validation.pool import finished
from validation.versions import code_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from validation.cases import Case
    from validation.parts import Parts

__all__ = ["CheckSummary", "Task", "digits_of", "execute", "plan", "summarise"]

DIGITS_SHOWN = 17.0
"""A double cannot agree in more decimal digits than this."""

PRECISE_DIGITS = 500.0
"""The same for comparisons in arbitrary precision: more than can be asked for."""

PATIENCE = 600
"""Seconds for one check on one case, some hundred times what the slowest needs."""

WORST_KEPT = 5
"""How many of a check's worst rows a summary keeps."""


@dataclass(frozen=True)
class Task:
    """A unit of work: one case with the checks to make there, or one caseless check."""

    checks: tuple[str, ...]
    digits: int
    case: Case | None = None


@dataclass(frozen=True)
class CheckSummary:
    """What came of one check.

    Attributes
    ----------
    check : Check
    cases : int
        How many cases (or steps of a caseless check) were compared.
    comparisons : int
    refused, disagreed, crashed : int
        Rows with that verdict.
    worst_error : float
        Largest judged error among the comparisons made.
    verdict : str
        ``agreed``, ``disagreed``, or ``empty`` when nothing could be compared.
    worst : tuple of Row
        The comparisons with the largest errors in relation to their tolerance.
    failures : tuple of Row
        All rows that are not ``agreed``.
    """

    check: Check
    cases: int
    comparisons: int
    refused: int
    disagreed: int
    crashed: int
    worst_error: float
    verdict: str
    worst: tuple[Row, ...]
    failures: tuple[Row, ...]

    @property
    def digits(self) -> float | None:
        """Agreeing digits in the worst comparison, or None where the error is no relative one."""
        if not self.check.counts_digits or not self.comparisons:
            return None
        return digits_of(self.worst_error, PRECISE_DIGITS if self.check.precise else DIGITS_SHOWN)


def digits_of(error: float, most: float = DIGITS_SHOWN) -> float:
    """Return the agreeing digits, -log10(error), between 0 and ``most``."""
    if not error < 1:  # also NaN
        return 0.0
    return most if error == 0 else min(most, -math.log10(error))


def plan(cases: Iterable[Case], only: Sequence[str] = (), digits: int = 30) -> list[Task]:
    """Return the tasks of a run, caseless checks first.

    Parameters
    ----------
    cases : iterable of Case
    only : sequence of str
        Names of the checks to make; all of them when empty.
    digits : int
        Digits asked of the reference.

    Raises
    ------
    KeyError
        ``only`` names a check that does not exist.
    """
    chosen = [CHECKS[name] for name in only] if only else list(CHECKS.values())
    tasks = [Task((check.name,), digits) for check in chosen if check.applies is None]
    for case in cases:
        names = tuple(c.name for c in chosen if c.applies is not None and c.applies(case))
        if names:
            tasks.append(Task(names, digits, case))
    return tasks


def execute(
    tasks: Sequence[Task],
    workers: int = 1,
    on_done: Callable[[int], None] | None = None,
    parts: Parts | None = None,
) -> list[Row]:
    """Carry out the tasks and return their rows, in the order of the tasks.

    Parameters
    ----------
    tasks : sequence of Task
    workers : int
        Processes; with 1 everything happens in this one.
    on_done : callable, optional
        Called with the index of each task as it is finished.
    parts : Parts, optional
        Gets the rows of each finished task. Tasks that it holds already, for the same inputs and
        the same code, are not carried out again.
    """
    done: dict[int, list[Row]] = {}
    missing: dict[int, Callable[[], list[Row]]] = {}

    def finish(index: int, rows: list[Row]) -> None:
        done[index] = rows
        if on_done:
            on_done(index)

    for index in _longest_first(tasks):
        if parts is not None and _key(tasks[index]) in parts:
            finish(index, _rows(parts[_key(tasks[index])]))
        else:
            missing[index] = partial(perform, tasks[index])
    for index, rows in finished(missing, workers, lambda index: _killed(tasks[index])):
        # What crashed is tried again next time: the machine may have been to blame.
        if parts is not None and all(row.verdict is not Verdict.CRASHED for row in rows):
            rows = _rows(parts.keep(_key(tasks[index]), [astuple(row) for row in rows]))
        finish(index, rows)
    return [row for index in sorted(done) for row in done[index]]


def _key(task: Task) -> list[Any]:
    """Return what decides a task's rows."""
    case = None
    if task.case is not None:
        case = [task.case.slug, task.case.group, task.case.parameters, task.case.bound_states]
    return [code_digest(), list(task.checks), task.digits, case]


def _rows(kept: Iterable[Sequence[Any]]) -> list[Row]:
    """Return rows from their fields, as JSON has them."""
    rows = [Row(*fields) for fields in kept]
    return [replace(row, verdict=Verdict(row.verdict)) for row in rows]


def _killed(task: Task) -> list[Row]:
    """Return the rows of a task whose process died, twice."""
    message = "the worker process died, twice (out of memory?)"
    return [_interrupted(CHECKS[name], task, Verdict.CRASHED, message) for name in task.checks]


def _longest_first(tasks: Sequence[Task]) -> list[int]:
    """Return the order of submission: caseless checks and corners take longest."""
    return sorted(
        range(len(tasks)),
        key=lambda i: (case := tasks[i].case) is not None and case.group != "corner",
    )


def perform(task: Task) -> list[Row]:
    """Carry out one task. Refusals and crashes become rows; nothing is passed over."""
    context = Context(task.case, task.digits) if task.case is not None else None
    rows: list[Row] = []
    for name in task.checks:
        check = CHECKS[name]
        try:
            with _deadline(PATIENCE):
                found = check.run(context) if context is not None else check.run(task.digits)
                for row in found:
                    rows.append(row)
        except REFUSALS as refusal:
            rows.append(_interrupted(check, task, Verdict.REFUSED, _message(refusal)))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"{_message(error)} ({where.name}, line {where.lineno})"
            rows.append(_interrupted(check, task, Verdict.CRASHED, message))
    return rows


@contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the block after so many seconds, where the system can do it."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expired(number: int, frame: object) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    previous = signal.signal(signal.SIGALRM, expired)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _interrupted(check: Check, task: Task, verdict: Verdict, message: str) -> Row:
    return Row(
        check=check.name,
        case=task.case.slug if task.case else MODEL,
        group=task.case.group if task.case else MODEL,
        observable="",
        verdict=verdict,
        value=message,
    )


def summarise(rows: Iterable[Row]) -> list[CheckSummary]:
    """Return one summary per check that has rows, in the order of the checks."""
    by_check: dict[str, list[Row]] = {}
    for row in rows:
        by_check.setdefault(row.check, []).append(row)
    return [_summary(check, by_check[name]) for name, check in CHECKS.items() if name in by_check]


def _summary(check: Check, rows: list[Row]) -> CheckSummary:
    compared = [row for row in rows if row.verdict in (Verdict.AGREED, Verdict.DISAGREED)]
    failures = tuple(row for row in rows if row.verdict is not Verdict.AGREED)
    count = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    # A typed refusal is an answer on a corner; on the paper's own cases, or on a claim about the
    # model itself, it is a failure.
    failed = any(
        row.verdict is not Verdict.REFUSED or row.group in ("paper", MODEL) for row in failures
    )
    verdict = "disagreed" if failed else "agreed" if compared else "empty"
    # sorted() is stable: equal errors stay in the order of the cases.
    worst = sorted(compared, key=_severity, reverse=True)[:WORST_KEPT]
    return CheckSummary(
        check=check,
        cases=len({row.case for row in compared}),
        comparisons=len(compared),
        refused=count[Verdict.REFUSED],
        disagreed=count[Verdict.DISAGREED],
        crashed=count[Verdict.CRASHED],
        worst_error=max((row.error for row in compared), default=0.0, key=_size),
        verdict=verdict,
        worst=tuple(worst),
        failures=failures,
    )


def _severity(row: Row) -> tuple[bool, tuple[bool, float]]:
    """Order rows by how much of their tolerance they use; any violation comes before."""
    used = row.error / row.tolerance if row.tolerance else row.error
    return row.verdict is Verdict.DISAGREED, _size(used)


def _size(error: float) -> tuple[bool, float]:
    """Order errors; one that is no number is the largest."""
    return (True, 0.0) if math.isnan(error) else (False, error)
