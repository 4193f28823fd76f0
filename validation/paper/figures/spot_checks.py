"""Points spread along the figures' curves, held against the certified reference.

The reference shares no code with qbnum, which computed the curves. A point that several panels
share is evaluated once. May import: numpy, xarray, mpmath, validation.exact, .metrics,
.references, validation.paper.figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from validation import metrics
from validation.enclosure import distance
from validation.exact import ExactJunction
from validation.paper.figures.data import Panel, junctions, panel
from validation.references import reference

if TYPE_CHECKING:
    import xarray as xr

    from validation.enclosure import Enclosure

__all__ = ["TOLERANCE", "Judgement", "Spot", "attach", "certified", "judge", "plan", "wanted"]

TOLERANCE = 1e-12
"""Judged error (`metrics.Comparison.judged`) beyond which a spot check fails. qbnum promises some
1e-14 times the cancellation that no formula avoids, which is less than 1e2 on these curves: what
is beyond is a mistake, though no picture would show it."""

DIGITS = 20
"""Digits asked of the reference: well beyond those of a double."""

EVENLY = 5
"""Points along each curve, its ends included, beside its extreme."""

References: TypeAlias = "Mapping[ExactJunction, Mapping[str, Enclosure]]"


@dataclass(frozen=True)
class Spot:
    """One value of a panel that is checked.

    Parameters
    ----------
    panel : str
        The panel's id.
    curve : int
        Number of the curve.
    x : float
        Where, along the panel's axis.
    observable : str
    value, estimate : float
        What the data set holds: the value and its absolute error estimate.
    junction : ExactJunction
        What the reference evaluates.
    """

    panel: str
    curve: int
    x: float
    observable: str
    value: float
    estimate: float
    junction: ExactJunction


@dataclass(frozen=True)
class Judgement:
    """A spot against the reference.

    Attributes
    ----------
    spot : Spot
    reference : float
        The reference, rounded for show; the errors are formed before rounding.
    error : float
        Relative error; near a zero of a sign-changing observable, relative to the integral of
        abs(integrand).
    relative : float
        Plain relative error.
    honest : bool
        Whether the absolute error is within the data set's own estimate.
    """

    spot: Spot
    reference: float
    error: float
    relative: float
    honest: bool

    @property
    def agreed(self) -> bool:
        """Whether the value is right to `TOLERANCE` and its error estimate true."""
        return self.error <= TOLERANCE and self.honest


def plan(name: str, data: xr.Dataset) -> tuple[Spot, ...]:
    """Return the spots of a panel's data set: evenly along each curve, and its extremes.

    The extreme is the point of largest modulus of each observable, and the refined maximum where
    the data set has one.
    """
    shown = panel(name)
    x = data[shown.x].values
    even = np.round(np.linspace(0, x.size - 1, EVENLY)).astype(int)
    spots = []
    for k in range(len(shown.curves)):
        extremes = [int(np.argmax(np.abs(data[o].values[k]))) for o in shown.observables]
        for i in sorted({*even.tolist(), *extremes}):
            at = float(x[i])
            exact = _exact(shown, k, at)
            for o in shown.observables:
                value, error = (float(data[n].values[k, i]) for n in (o, f"{o}_error"))
                spots.append(Spot(name, k, at, o, value, error, exact))
        if "maximum" in data and math.isfinite(at := float(data["maximum_position"].values[k])):
            (o,) = shown.observables
            value, error = (float(data[n].values[k]) for n in ("maximum", "maximum_error"))
            spots.append(Spot(name, k, at, o, value, error, _exact(shown, k, at)))
    return tuple(spots)


def _exact(shown: Panel, curve: int, x: float) -> ExactJunction:
    return ExactJunction.from_junction(junctions(shown, shown.curves[curve], x))


def wanted(spots: Iterable[Spot]) -> dict[ExactJunction, list[str]]:
    """Return the junctions among the spots, each once, with the observables asked of them."""
    names: dict[ExactJunction, set[str]] = {}
    for spot in spots:
        names.setdefault(spot.junction, set()).add(spot.observable)
    return {junction: sorted(found) for junction, found in names.items()}


def certified(junction: ExactJunction, names: list[str]) -> dict[str, Enclosure]:
    """Return the certified reference's observables of one junction.

    Raises
    ------
    PrecisionNotReachedError
        The reference cannot vouch for its digits.
    """
    return dict(reference(junction, digits=DIGITS, observables=names))


def judge(spots: Iterable[Spot], known: References) -> tuple[Judgement, ...]:
    """Return each spot against its reference."""
    return tuple(_judged(spot, known[spot.junction][spot.observable]) for spot in spots)


def _judged(spot: Spot, right: Enclosure) -> Judgement:
    sign_changing = spot.observable in metrics.SIGN_CHANGING
    found = metrics.compare(spot.value, right, sign_changing=sign_changing)
    honest = bool(
        math.isfinite(spot.value) and distance(spot.value, right) <= spot.estimate + right.radius
    )
    return Judgement(spot, float(right), found.judged, found.relative, honest)


def attach(data: xr.Dataset, name: str, judged: Iterable[Judgement]) -> xr.Dataset:
    """Return the data set with its spot checks, along a dimension ``spot``."""
    shown = panel(name)
    rows = [row for row in judged if row.spot.panel == name]
    columns: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "spot_curve": ([shown.curves[r.spot.curve].label for r in rows], {"long_name": "curve"}),
        f"spot_{shown.x}": (
            [r.spot.x for r in rows],
            {"units": "energy", "long_name": data[shown.x].attrs["long_name"]},
        ),
        "spot_observable": ([r.spot.observable for r in rows], {"long_name": "observable"}),
        "spot_value": ([r.spot.value for r in rows], {"long_name": "value of the curve"}),
        "spot_reference": (
            [r.reference for r in rows],
            {"long_name": f"certified reference of {DIGITS} digits, rounded to a double"},
        ),
        "spot_relative_error": ([r.relative for r in rows], {"long_name": "relative error"}),
        "spot_judged_error": (
            [r.error for r in rows],
            {"long_name": "relative error; near a zero, relative to integral abs(integrand)"},
        ),
    }
    checked = data.assign({key: ("spot", *column) for key, column in columns.items()})
    return checked.assign_attrs(
        spot_checks=len(rows),
        spot_tolerance=TOLERANCE,
        spot_worst_error=max((row.error for row in rows), default=0.0),
        spot_agreed=int(all(row.agreed for row in rows)),
    )
