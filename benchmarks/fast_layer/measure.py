"""The measurement of a regime: every route's time and errors. May import: benchmarks.fast_layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qbnum import QbnumError

from . import engines, judging, textbook
from .engines import Engine
from .judging import Judged
from .regimes import Regime
from .routes import ROUTES, Outcome, Route
from .timing import best

__all__ = ["RegimeResult", "labels", "measure", "steps"]

POINTS, POINTS_QUICK = 10_000, 1_000
"""Junctions in the array that qbnum is timed on."""

ROUNDS, ROUNDS_QUICK = 3, 1
"""How often `quad` and qbnum are timed in turn: the best of each counts, so that a slow minute of
the machine does not move their ratio."""

BUDGET = 2.0
"""Seconds of a round within which the repeats of an engine begin."""


@dataclass
class RegimeResult:
    """All figures of a regime, by route: the routes' names, and the engines'.

    Attributes
    ----------
    seconds : dict of str to float
        Wall-clock time of a point with all its observables.
    seconds_of : dict of str to float
        What each observable alone costs by `quad`.
    judged : dict of str to Judged
    refused : dict of str to str
        Why an engine has no time.
    nodes, floor : float or None
        Nodes of a point and the seconds of their exp and log calls, if qbnum counts nodes.
    cores : dict of str to float
        Cores that a route had while it was timed, the least of the sample.
    """

    regime: Regime
    sample: Sequence[str]
    points: int
    seconds: dict[str, float] = field(default_factory=dict)
    seconds_of: dict[str, float] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    nodes: float | None = None
    floor: float | None = None
    cores: dict[str, float] = field(default_factory=dict)

    def speedup(self, engine: str) -> float | None:
        """Return how many times faster than `quad` an engine is."""
        return self.seconds["quad"] / self.seconds[engine] if engine in self.seconds else None


def labels() -> dict[str, str]:
    """Return what each route is, by name, qbnum's last."""
    texts = {route.name: route.text for route in ROUTES}
    return texts | {engine.name: f"{engine.label}, {engine.text}" for engine in engines.engines()}


def steps(quick: bool) -> int:
    """Return how often a measurement calls ``done``."""
    return len(ROUTES) + (ROUNDS_QUICK if quick else ROUNDS)


def measure(regime: Regime, quick: bool, done: Callable[[], object]) -> RegimeResult:
    """Time and judge every route; ``done`` is called after each of `steps` steps."""
    sample = regime.sample(quick)
    result = RegimeResult(
        regime, [one.name for one in sample], points=POINTS_QUICK if quick else POINTS
    )
    parameters = [
        {name: float(value) for name, value in one.junction.parameters.items()} for one in sample
    ]
    references = [judging.right_values(one.junction) for one in sample]
    there = [engine for engine in engines.engines() if not engine.missing]
    for route in ROUTES:
        judged = result.judged[route.name] = Judged()
        solved = _time_route(route, parameters, result)
        for outcome, p, reference in zip(solved, parameters, references, strict=False):
            values = textbook.combined(outcome.integrals, p)
            judged.add(judging.judge(values, reference), outcome.claims)
        done()
    for engine in there:
        judged = result.judged[engine.name] = Judged()
        for one, reference in zip(sample, references, strict=True):
            judged.add(judging.judge(judging.of_engine(engine, one.junction), reference), {})
    for turn in range(ROUNDS_QUICK if quick else ROUNDS):
        if turn:
            _time_route(ROUTES[0], parameters, result)
        for engine in there:
            _time_engine(engine, result)
        done()
    trial = regime.junctions(POINTS_QUICK)
    result.nodes, result.floor = engines.node_count(trial), engines.floor_seconds(trial)
    return result


def _time_route(
    route: Route, parameters: Sequence[dict[str, float]], result: RegimeResult
) -> list[Outcome]:
    """Solve as much of the sample as the route takes; note the time if it is the best so far."""
    solved = [route.solve(p) for p in parameters[: route.most]]
    seconds = _mean([outcome.seconds for outcome in solved])
    cores = min(outcome.cores for outcome in solved)
    if _is_best(route.name, seconds, cores, result) and solved[0].seconds_each:
        each = {n: _mean([one.seconds_each[n] for one in solved]) for n in textbook.INTEGRALS}
        result.seconds_of = textbook.costs(each)
    return solved


def _is_best(name: str, seconds: float, cores: float, result: RegimeResult) -> bool:
    """Note a time if it is the shortest so far, and say whether it was."""
    best_so_far = seconds < result.seconds.get(name, math.inf)
    if best_so_far:
        result.seconds[name], result.cores[name] = seconds, cores
    return best_so_far


def _time_engine(engine: Engine, result: RegimeResult) -> None:
    junctions = result.regime.junctions(result.points)
    try:
        timed = best(lambda: engine.solve(junctions), budget=BUDGET)
    except QbnumError as error:
        result.refused[engine.name] = str(error)
        return
    _is_best(engine.name, timed.seconds / result.points, timed.cores, result)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
