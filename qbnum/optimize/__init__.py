"""Optimal charging: where in a box of parameters an observable is largest, Sec. IV.

A scan of the whole box on the fast layer finds the maxima, gradients refine each to rounding.
May import: numpy, scipy, qbnum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import whole_number
from qbnum._pickling import ReadOnlyMappings
from qbnum.errors import QbnumError
from qbnum.model import Junction
from qbnum.optimize.objective import OBJECTIVES, RATIOS, Objective, Problem
from qbnum.optimize.search import Found, refined, scan_points, starts
from qbnum.optimize.space import Space
from qbnum.optimize.unbounded import (
    UnboundedObjectiveError,
    equilibrium_distance,
    refuse_unbounded,
)

__all__ = [
    "OBJECTIVES",
    "RATIOS",
    "LocalOptimum",
    "NoOptimumError",
    "Optimum",
    "UnboundedObjectiveError",
    "maximize",
    "minimize",
]

Array: TypeAlias = NDArray[np.float64]

APPROACHED = 1e-4
"""A quotient's optimum with the leads nearer to each other than this, in temperatures, is the
limit at equilibrium, where it is 0/0."""

RISING = 1e-6
"""A slope above this part of the objective's range over the box, that no bound holds back, is not
rounding: the search ended at the edge of where the objective is defined."""


class NoOptimumError(QbnumError, ValueError):
    """The objective is undefined throughout the box."""


@dataclass(frozen=True, eq=False)
class LocalOptimum(ReadOnlyMappings):
    """A local maximum, or minimum, within the bounds.

    Attributes
    ----------
    parameters : mapping of str to float
        What was searched, at the optimum.
    value, error_estimate : float
        The objective there, in its own unit, and its absolute error.
    gradient : mapping of str to float
        By each parameter: 0 but for rounding, or pointing out of the box at a bound.
    location_error : mapping of str to float
        How far the exact optimum may be, to first order: gradient and its error by the curvature.
        0 at a bound, infinite where the objective is flat to rounding.
    at_bounds : mapping of str to {"lower", "upper"}
        Parameters that the bounds hold back.
    attained : bool
        False where the objective has no largest value, only a limit: a quotient at equilibrium,
        where it is 0/0, or where it still rises as a bound state makes it undefined.
    note : str
        Why it is not attained, or empty.
    junction : Junction
        The optimum's, whose fields are what counts as exact.
    """

    parameters: Mapping[str, float]
    value: float
    error_estimate: float
    gradient: Mapping[str, float]
    location_error: Mapping[str, float]
    at_bounds: Mapping[str, Literal["lower", "upper"]]
    attained: bool
    note: str
    junction: Junction


@dataclass(frozen=True, eq=False)
class Optimum(LocalOptimum):
    """The best of all optima that were found, and how they were searched for.

    Attributes
    ----------
    objective : str
        What was made large or small: one of `OBJECTIVES`.
    goal : {"maximum", "minimum"}
    bounds : mapping of str to (float, float)
    fields : mapping of str to tuple of str
        The junction's fields, by dotted name, that each parameter moves.
    local : tuple of LocalOptimum
        All that were found, the best first.
    scanned, undefined, unresolved : int
        Points of the scan; those without a value since a bound state's occupation is not fixed;
        those that the quadrature did not resolve.
    evaluations : int
        Junctions computed in all.
    options : mapping
        Those of `steady_state`.
    """

    objective: str
    goal: Literal["maximum", "minimum"]
    bounds: Mapping[str, tuple[float, float]]
    fields: Mapping[str, tuple[str, ...]]
    local: tuple[LocalOptimum, ...]
    scanned: int
    undefined: int
    unresolved: int
    evaluations: int
    options: Mapping[str, Any]
    scan: tuple[Mapping[str, Array], Array] = field(repr=False)
    """The scan's parameters and the objective there, NaN where it is undefined."""


def maximize(
    objective: str,
    junction: Junction | Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]],
    *,
    bound_states: Any = "mask",
    points: int | None = None,
    engine: str | None = None,
    progress: Callable[[str], object] | None = None,
) -> Optimum:
    """Return where an objective is largest within bounds.

    Parameters
    ----------
    objective : str
        An observable of `OBSERVABLES`, or one of `RATIOS`, X or S by the magnitude of I_Q or by
        sigma.
    junction : Junction or mapping of str to float
        What stays fixed: a single junction, or parameters of the paper's protocol
        (`Junction.symmetric`) and of single leads (``left_coupling``, ...), which override it. In
        the protocol the reservoirs follow mu_eq and temperature_eq; a junction's stay.
    bounds : mapping of str to (float, float)
        What is searched, and how far: names as in `sweep`. A range of positive numbers over more
        than a decade is searched in equal ratios.
    bound_states : optional
        As in `steady_state`. With "mask" junctions with a bound state are left out and counted.
    points : int, optional
        Of the scan, about; by default 513 for one parameter, 65^2 for two, 4096 for more.
    engine : optional
        As in `steady_state`.
    progress : callable, optional
        Called with a word about each stage.

    Returns
    -------
    Optimum

    Raises
    ------
    ParameterError
        Unknown names, bad bounds or settings, or a ratio whose bounds of a coupling begin at 0.
    UnboundedObjectiveError
        A ratio grows without limit in the box.
    NoOptimumError
        The objective is undefined at all points of the scan.

    Notes
    -----
    One or two parameters are scanned on a grid, more on scrambled Sobol points with a fixed seed;
    the highest maxima of the scan are refined by L-BFGS-B and Newton's method on exact gradients.
    A maximum between the scan's points can be missed: the optimum is global as far as the scan
    shows. SciPy's global optimisers see values only, which place a maximum to 1e-7 where gradients
    reach 1e-15: measured on the level at a gradient of 0.3, ``differential_evolution`` takes a
    tenth of a second but finds one of the two maxima, and ``shgo`` finds both to 4e-7 in 0.8 s;
    neither tells which junctions it had to leave out.

    Examples
    --------
    >>> best = maximize("exergy", {"bias": 0.5}, {"level": (-1, 1.5)})
    >>> round(best.parameters["level"], 12), round(best.value, 12)
    (0.48567081007, 0.769173895925)
    """
    return _optimum(objective, junction, bounds, 1.0, bound_states, points, engine, progress)


def minimize(
    objective: str,
    junction: Junction | Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]],
    *,
    bound_states: Any = "mask",
    points: int | None = None,
    engine: str | None = None,
    progress: Callable[[str], object] | None = None,
) -> Optimum:
    """Return where an objective is smallest within bounds; all else as in `maximize`."""
    return _optimum(objective, junction, bounds, -1.0, bound_states, points, engine, progress)


def _optimum(
    name: str,
    junction: Junction | Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]],
    sign: float,
    bound_states: Any,
    points: int | None,
    engine: str | None,
    progress: Callable[[str], object] | None,
) -> Optimum:
    options: dict[str, Any] = {"bound_states": bound_states}
    if engine is not None:
        options["engine"] = engine
    if points is not None:
        points = whole_number("points", points, "points", least=9)
    space = Space.of(junction, bounds)
    problem = Problem(Objective.of(name), space, options)
    say = progress or (lambda stage: None)
    u = scan_points(len(space), points)
    say(f"scanning {len(u)} points")
    value, status = problem.scan(u)
    if sign > 0:
        refuse_unbounded(problem, u)
    begun = starts(u, sign * value)
    if not begun:
        raise NoOptimumError(
            f"{name} is undefined at all {len(u)} points of the scan: every junction has a bound "
            "state whose occupation the steady state does not fix, or was not resolved. Give "
            "bound_states=<occupation in [0, 1]>, or other bounds"
        )
    unit = float(np.nanmax(value) - np.nanmin(value)) or 1.0
    found: list[Found] = []
    for k, start in enumerate(begun):
        say(f"refining {k + 1} of {len(begun)}")
        one = refined(problem, start, sign, unit, [other.u for other in found])
        if one is not None:
            found.append(one)
    if not found:
        raise NoOptimumError(f"{name} could not be followed from any point of the scan")
    found.sort(key=lambda one: -sign * one.value)
    local = tuple(_local(problem, one, unit) for one in found)
    undefined, unresolved = problem.status_counts(status)
    x = space.parameters(u)
    return Optimum(
        **vars(local[0]),
        objective=name,
        goal="maximum" if sign > 0 else "minimum",
        bounds=_frozen(space, zip(space.lower.tolist(), space.upper.tolist(), strict=True)),
        fields=MappingProxyType(dict(space.fields)),
        local=local,
        scanned=len(u),
        undefined=undefined,
        unresolved=unresolved,
        evaluations=problem.evaluations,
        options=MappingProxyType(options),
        scan=(_frozen(space, x.T), value),
    )


def _local(problem: Problem, one: Found, unit: float) -> LocalOptimum:
    space = problem.space
    x = space.parameters(one.u)
    stretch = space.stretch(x)
    held = {
        name: "lower" if one.on_lower[k] else "upper"
        for k, name in enumerate(space.names)
        if one.on_lower[k] or one.on_upper[k]
    }
    free = ~(one.on_lower | one.on_upper)
    note = ""
    if np.isinf(one.loose).any() and np.abs(one.slope[free]).max() > RISING * unit:
        note = "the objective still improves where a bound state appears and leaves it undefined"
    elif problem.objective.denominator and equilibrium_distance(problem, x) < APPROACHED:
        note = "the limit as the leads come to equilibrium, where the quotient is 0/0"
    return LocalOptimum(
        parameters=_frozen(space, x.tolist()),
        value=one.value,
        error_estimate=one.error,
        gradient=_frozen(space, (one.slope / stretch).tolist()),
        location_error=_frozen(space, (one.loose * stretch).tolist()),
        at_bounds=MappingProxyType(held),  # type: ignore[arg-type]
        attained=not note,
        note=note,
        junction=space.junction(x),
    )


def _frozen(space: Space, values: Any) -> Mapping[str, Any]:
    return MappingProxyType(dict(zip(space.names, values, strict=True)))
