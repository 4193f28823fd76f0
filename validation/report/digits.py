"""The heat map: digits of qbnum for each observable in each regime, read off a record.

May import: qbsym, validation.cases, .checks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qbsym import observable
from qbsym.errors import UnknownNameError
from validation.cases import GROUPS, REGIMES
from validation.checks.base import goal

__all__ = ["CLASSES", "Cell", "HeatMap", "heat_map", "symbol"]

CLASSES = (15.0, 14.0, 13.0, 12.0, 10.0, 8.0)
"""From this many digits on a cell is of class 0, 1, ...; below the last of one class more."""


@dataclass(frozen=True)
class Cell:
    """The digits of one observable in one regime.

    Attributes
    ----------
    worst, typical : float
        Fewest digits, and the median (of the group with the fewest digits).
    shade : int
        See `CLASSES`.
    short : bool
        Whether some group's worst is below the goal for it.
    detail : str
        Worst, median and count, group by group.
    """

    worst: float
    typical: float
    shade: int
    short: bool
    detail: str


@dataclass(frozen=True)
class HeatMap:
    """Observables by regimes.

    Attributes
    ----------
    observables : tuple of (str, str)
        Name and symbol of each column.
    rows : tuple of (str, str, tuple of Cell or None)
        Regime, what it is, and a cell for each column.
    groups : tuple of (str, tuple of Cell or None)
        The same over all regimes, group by group.
    short : bool
        Whether any cell is below its goal.
    """

    observables: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[Cell | None, ...]], ...]
    groups: tuple[tuple[str, tuple[Cell | None, ...]], ...]

    @property
    def short(self) -> bool:
        """Whether any cell is below its goal."""
        return any(cell is not None and cell.short for *_, cells in self.rows for cell in cells)


def heat_map(record: Mapping[str, Any]) -> HeatMap | None:
    """Return the heat map of a record; None where qbnum was not held against the reference."""
    found = record["digits"]
    if not found:
        return None
    names = list(dict.fromkeys(entry["observable"] for entry in found))
    present = {entry["regime"] for entry in found}
    regimes = [name for name in REGIMES if name in present] + sorted(present - set(REGIMES))
    by_cell: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in found:
        by_cell.setdefault((entry["regime"], entry["observable"]), {})[entry["group"]] = entry
    overall = record["digits_by_observable"]
    groups = [group for group in GROUPS if any(group in by for by in overall.values())]
    return HeatMap(
        observables=tuple((name, symbol(name)) for name in names),
        rows=tuple(
            (regime, REGIMES.get(regime, ""), _cells(by_cell.get((regime, n), {}) for n in names))
            for regime in regimes
        ),
        groups=tuple(
            (group, _cells(_only(overall.get(name, {}), group) for name in names))
            for group in groups
        ),
    )


def _only(by: Mapping[str, Any], group: str) -> dict[str, Any]:
    return {group: by[group]} if group in by else {}


def _cells(entries: Iterable[Mapping[str, Mapping[str, Any]]]) -> tuple[Cell | None, ...]:
    return tuple(_cell(by_group) if by_group else None for by_group in entries)


def _cell(by_group: Mapping[str, Mapping[str, Any]]) -> Cell:
    worst = min(by_group.values(), key=lambda figures: figures["min"])
    return Cell(
        worst=worst["min"],
        typical=worst["median"],
        shade=sum(worst["min"] < least for least in CLASSES),
        short=any(f["min"] < -math.log10(goal(group)) for group, f in by_group.items()),
        detail="; ".join(
            f"{group}: worst {f['min']:.1f}, median {f['median']:.1f}, {f['count']} "
            f"value{'s' if f['count'] != 1 else ''}"
            for group, f in by_group.items()
        ),
    )


def symbol(name: str) -> str:
    """Return an observable's symbol as plain text, its name if it has none: ``J_H^L``, ``S_2``."""
    try:
        latex = observable(name).symbol
    except UnknownNameError:
        return name
    for command, letter in ((r"\int ", "∫"), (r"\sigma", "σ"), ("{", ""), ("}", ""), ("-", "−")):
        latex = latex.replace(command, letter)
    return latex
