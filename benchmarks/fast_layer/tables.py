"""The benchmark's tables. May import: rich, benchmarks.fast_layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from qbnum import OBSERVABLES

from .engines import Engine
from .goals import Goal
from .judging import FALSE
from .measure import RegimeResult, labels
from .profiling import Spent
from .scaling import Scaled
from .textbook import INTEGRALS

__all__ = [
    "error_table",
    "goal_table",
    "hardest",
    "observable_table",
    "profile_table",
    "scaling_table",
    "time_table",
]

NONE = "-"


def _table(title: str, first: str, *headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 1))
    table.add_column(first, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _micro(seconds: float | None) -> str:
    """Return microseconds to three digits."""
    if seconds is None:
        return NONE
    value = seconds * 1e6
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _error(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NONE
    if value == 0:
        return "0"
    return "none" if math.isinf(value) else f"{value:.0e}"


def _ratio(value: float | None) -> str:
    return NONE if value is None else f"{value:.0f}"


def time_table(results: Sequence[RegimeResult]) -> Table:
    """Return microseconds a point, each route and regime, and ratios to `quad`."""
    names = list(labels())
    table = _table(
        "Microseconds a point: ten integrals, or all 17 observables of qbnum",
        "regime", *names, "floor", "nodes", "quad/numpy", "quad/comp.",
    )  # fmt: skip
    for r in results:
        cells = ["refused" if n in r.refused else _micro(r.seconds.get(n)) for n in names]
        table.add_row(
            r.regime.name,
            *cells,
            _micro(r.floor),
            _ratio(r.nodes),
            _ratio(r.speedup("numpy")),
            _ratio(r.speedup("compiled")),
        )
    return table


def error_table(results: Sequence[RegimeResult]) -> Table:
    """Return the worst error of each route and regime, and what `quad` did not notice."""
    names = list(labels())
    table = _table(
        "Worst relative error of all observables (quad*: of its ten integrals alone)",
        "regime", "quad*", *names, "claimed", "silent", "vec. silent",
    )  # fmt: skip
    for r in results:
        quad, vector = r.judged["quad"], r.judged["quad_vec"]
        own = max((quad.errors[name] for name in INTEGRALS if name in quad.errors), default=None)
        cells = [_error(r.judged[n].worst if n in r.judged else None) for n in names]
        table.add_row(
            r.regime.name,
            _error(own),
            *cells,
            f"{quad.claimed}/{quad.answered}",
            *(f"[bold red]{j.silent}[/]" if j.silent else "" for j in (quad, vector)),
        )
    return table


ERROR_NOTE = (
    "none: no number. claimed: integrals for which quad reports its tolerance reached; silent: "
    f"those of them that are wrong by more than {FALSE:g}, likewise for quad_vec."
)


def observable_table(result: RegimeResult) -> Table:
    """Return, for one regime, each observable's cost by `quad` and its error by every route."""
    names = list(labels())
    table = _table(
        f"{result.regime.name} ({result.regime.text}): each observable",
        "observable", "unit", "quad µs", *names,
    )  # fmt: skip
    for name, info in OBSERVABLES.items():
        if name in result.judged["quad"].errors:
            errors = [
                _error(result.judged[n].errors.get(name) if n in result.judged else None)
                for n in names
            ]
            table.add_row(name, info.unit, _micro(result.seconds_of[name]), *errors)
    return table


def hardest(results: Sequence[RegimeResult]) -> RegimeResult | None:
    """Return the corner in which qbnum takes longest."""
    corners = [r for r in results if r.regime.group == "corner" and "numpy" in r.seconds]
    return max(corners, key=lambda r: r.seconds["numpy"], default=None)


def scaling_table(scaled: Sequence[Scaled]) -> Table:
    """Return time and memory by the number of points."""
    table = _table(
        "All observables of n points of paper-bias, each n in a fresh process",
        "engine", "points", "µs a point", "seconds", "memory MiB", "results MiB", "beyond MiB",
    )  # fmt: skip
    for one in scaled:
        table.add_row(
            one.engine,
            f"{one.points:,}".replace(",", " "),
            _micro(one.seconds),
            f"{one.seconds * one.points:.3g}",
            *(f"{size:.1f}" for size in (one.growth, one.results, one.working)),
        )
    return table


def profile_table(engine: Engine, found: Sequence[Spent], points: int) -> Table:
    """Return the functions that take most of the time."""
    table = _table(
        f"Where the time goes: {engine.label}, {points} points of paper-bias, under cProfile",
        "function", "calls", "µs a point", "share",
    )  # fmt: skip
    for row in found:
        share = f"{100 * row.share:.1f} %"
        table.add_row(escape(row.where), str(row.calls), _micro(row.seconds / points), share)
    return table


VERDICTS: Mapping[bool | None, str] = {
    True: "[green]met[/]",
    False: "[bold red]not met[/]",
    None: "[yellow]not measured[/]",
}


def goal_table(found: Sequence[Goal]) -> Table:
    """Return the goals beside what was measured."""
    table = Table(box=box.SIMPLE_HEAD, title="Goals", title_justify="left")
    for heading in ("goal", "asked", "measured", "verdict"):
        table.add_column(heading)
    for goal in found:
        table.add_row(goal.text, goal.asked, escape(goal.measured), VERDICTS[goal.met])
    return table
