"""What is asked of the fast layer, beside what was measured. May import: benchmarks.fast_layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .judging import Judged
from .measure import RegimeResult
from .scaling import Scaled
from .textbook import INTEGRALS

__all__ = ["Goal", "goals"]

FASTER = {"numpy": 400.0, "compiled": 1000.0}
SLOWER_IN_CORNERS = 5.0
LINEAR = 1.25
"""Largest time of a point over the smallest, over all sizes: a quarter is what a machine that is
not idle adds."""

FLAT = 64.0
"""MiB by which the working memory may differ between the largest and the smallest size: some
blocks of nodes, far below the results of a million points."""

EQUAL = 1e-15
"""Errors below a few units in the last place count as equal: which is smaller is chance."""


@dataclass(frozen=True)
class Goal:
    """One goal: ``met`` is None where it could not be measured, and ``measured`` says why."""

    text: str
    asked: str
    measured: str
    met: bool | None


def goals(
    results: Sequence[RegimeResult], scaled: Sequence[Scaled], missing: dict[str, str]
) -> list[Goal]:
    """Return every goal with its figure; ``missing`` says why an engine is not there."""
    found = []
    for engine in FASTER:
        if engine in missing:
            found.append(_unmeasured(engine, missing[engine]))
            continue
        found.append(_faster(engine, results))
        found.append(_as_accurate(engine, results))
        found.append(_corners(engine, results))
        own = [one for one in scaled if one.engine == engine]
        if len(own) > 1:
            found += [_linear(engine, own), _flat(engine, own)]
    return found


def _unmeasured(engine: str, why: str) -> Goal:
    asked = f">= {FASTER[engine]:g} times"
    return Goal(f"{engine}: faster than quad, paper", asked, why, None)


def _refused(goal: str, asked: str, results: Sequence[RegimeResult], engine: str) -> Goal | None:
    """Return a goal that is not met because a regime has no time, if one has none."""
    names = [r.regime.name for r in results if engine in r.refused]
    return Goal(goal, asked, f"refused: {', '.join(names)}", False) if names else None


def _faster(engine: str, results: Sequence[RegimeResult]) -> Goal:
    text, asked = f"{engine}: faster than quad, paper", f">= {FASTER[engine]:g} times"
    paper = [r for r in results if r.regime.group == "paper"]
    if refused := _refused(text, asked, paper, engine):
        return refused
    ratio, where = min((r.speedup(engine) or 0.0, r.regime.name) for r in paper)
    return Goal(text, asked, f"{ratio:.0f} times ({where})", ratio >= FASTER[engine])


def _worst_integral(judged: Judged) -> float:
    return max(judged.errors[name] for name in INTEGRALS)


def _as_accurate(engine: str, results: Sequence[RegimeResult]) -> Goal:
    figures, met = [], True
    for kind, worst in (("ten integrals", _worst_integral), ("all", lambda judged: judged.worst)):
        own, theirs = (
            max(worst(r.judged[route]) for r in results if r.regime.group == "paper")
            for route in (engine, "quad")
        )
        figures.append(f"{own:.0e} against {theirs:.0e} ({kind})")
        met = met and own <= max(theirs, EQUAL)
    text = f"{engine}: worst error not above quad's, paper"
    return Goal(text, "equal or better", ", ".join(figures), met)


def _corners(engine: str, results: Sequence[RegimeResult]) -> Goal:
    text, asked = f"{engine}: slowest corner over paper", f"<= {SLOWER_IN_CORNERS:g} times"
    if refused := _refused(text, asked, results, engine):
        return refused
    paper = [r.seconds[engine] for r in results if r.regime.group == "paper"]
    slowest, where = max(
        (r.seconds[engine], r.regime.name) for r in results if r.regime.group == "corner"
    )
    ratio = slowest * len(paper) / sum(paper)
    return Goal(text, asked, f"{ratio:.1f} times ({where})", ratio <= SLOWER_IN_CORNERS)


def _span(own: Sequence[Scaled]) -> str:
    return f"{own[0].points:.0e} to {own[-1].points:.0e} points".replace("e+0", "e")


def _linear(engine: str, own: Sequence[Scaled]) -> Goal:
    times = [one.seconds for one in own]
    spread = max(times) / min(times)
    return Goal(
        f"{engine}: time of a point, {_span(own)}",
        f"within {LINEAR:g} times",
        f"{spread:.2f} times ({min(times) * 1e6:.1f} to {max(times) * 1e6:.1f} µs)",
        spread <= LINEAR,
    )


def _flat(engine: str, own: Sequence[Scaled]) -> Goal:
    growth = own[-1].working - own[0].working
    return Goal(
        f"{engine}: memory beyond the results",
        f"within {FLAT:g} MiB",
        f"{own[0].working:.0f} to {own[-1].working:.0f} MiB",
        growth <= FLAT,
    )
