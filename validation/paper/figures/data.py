"""The data of Figs. 2-15: every panel as a labelled data set, computed with qbnum.

Eqs. (7)-(13), (A4), (A5) along the captions' parameters. May import: numpy, scipy, xarray, qbnum,
validation.errors, validation.paper.figures.panels, .protocol.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

import qbnum
from validation.errors import ParameterError, UnknownNameError
from validation.paper.figures.panels import PANELS, Curve, Guide, Panel
from validation.paper.protocol import battery

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "Curve",
    "Guide",
    "Panel",
    "figure_data",
    "junctions",
    "panel",
    "panel_data",
    "panels",
    "select",
]

FEWEST = 3
"""Points that a curve needs to have an inside, where a maximum can be."""

DECIMALS = 12
"""Decimals of the points along an axis: 0.1 is the double nearest to 0.1, and 0 is 0."""

POSITION = 1e-14
"""Absolute accuracy of a maximum's place, in the unit of energy."""


def panels() -> tuple[Panel, ...]:
    """Return every panel of Figs. 2-15, in the paper's order."""
    return PANELS


def panel(name: str) -> Panel:
    """Return the panel with this id, ``"4a"`` for example.

    Raises
    ------
    UnknownNameError
        There is no such panel.
    """
    for found in PANELS:
        if found.id == name:
            return found
    raise UnknownNameError(f"no panel {name!r}; there are {', '.join(p.id for p in PANELS)}")


def select(names: tuple[str, ...] | list[str]) -> tuple[Panel, ...]:
    """Return the panels of these figures (``"4"``) and panels (``"4b"``); all if none is named.

    Raises
    ------
    UnknownNameError
        There is no such figure or panel.
    """
    unknown = [n for n in names if not any(n in (p.id, str(p.figure)) for p in PANELS)]
    if unknown:
        figures = sorted({p.figure for p in PANELS})
        lettered = ", ".join(p.id for p in PANELS if p.id != str(p.figure))
        raise UnknownNameError(
            f"no figure {unknown[0]!r}; there are the figures {figures[0]} to {figures[-1]} and "
            f"the panels {lettered}"
        )
    return tuple(p for p in PANELS if not names or p.id in names or str(p.figure) in names)


def junctions(shown: Panel, curve: Curve, x: Any) -> qbnum.Junction:
    """Return the junction(s) of a curve at the value(s) ``x`` of the panel's axis."""
    values = {**curve.parameters, shown.x: x}
    return battery(
        values["level"], values["bias"], values["temperature_gradient"], **shown.parameters
    )


def figure_data(name: str, points: int = 201) -> xr.Dataset:
    """Return the data of one panel.

    Parameters
    ----------
    name : str
        The panel's id.
    points : int
        Along each curve, at least 3, evenly spaced.

    Returns
    -------
    xarray.Dataset
        Dimensions ``curve`` and the panel's axis (``level``, ``bias`` or
        ``temperature_gradient``); for each observable its value and ``<name>_error``, an absolute
        error estimate. Where the figure is about maxima, also ``maximum`` and
        ``maximum_position``, one a curve, refined beyond the grid. The attributes hold caption,
        parameters, what was chosen here, conventions and versions.

    Raises
    ------
    UnknownNameError
        There is no such panel.
    ParameterError
        Fewer than 3 points.
    """
    return panel_data(panel(name), points)


def panel_data(shown: Panel, points: int = 201) -> xr.Dataset:
    """Return the data of a panel, one of `panels` or one like them; as `figure_data`."""
    if points < FEWEST:
        raise ParameterError(f"points = {points}; give at least {FEWEST} points along a curve")
    x = np.round(np.linspace(*shown.range, points), DECIMALS)
    swept = {
        key: ("curve", [curve.parameters[key] for curve in shown.curves])
        for key in ("level", "bias", "temperature_gradient")
        if key != shown.x
    }
    base = qbnum.Junction.symmetric(level=0.0, **shown.parameters)
    data = qbnum.sweep(base, {**swept, shown.x: x}, observables=shown.observables)
    data = data.drop_vars(("status", "bound_state_weight"))
    data = data.assign_coords(
        curve=("curve", [c.label for c in shown.curves], {"long_name": "curve"})
    )
    for observable in shown.observables:
        data[observable].attrs["ancillary_variables"] = f"{observable}_error"
    data.attrs = _attributes(shown, data.attrs)
    return _with_maxima(shown, data) if shown.mark_maxima else data


def _attributes(shown: Panel, swept: dict[str, Any]) -> dict[str, Any]:
    """Return what a reader of the file wants to know; numbers and texts only."""
    kept = ("conventions", "two_state_reference", "qbnum_version", "numpy_version")
    equations = {name: qbnum.OBSERVABLES[name].equation for name in shown.observables}
    return {
        "title": f"Fig. {shown.id}: {shown.title}",
        "caption": shown.caption,
        **shown.parameters,
        "protocol": "both leads alike; mu_R = mu_eq, T_R = T_eq, mu_L = mu_eq + bias, "
        "T_L = T_eq + temperature_gradient",
        "chosen_here": "; ".join(shown.chosen),
        "unit_of_energy": "h_alpha = 1",
        "equations": ", ".join(f"{name} {where}" for name, where in equations.items()),
        "guides": json.dumps(
            [{g.axis: g.value, "text": g.text} for g in shown.guides], ensure_ascii=False
        ),
        **{key: swept[key] for key in kept},
    }


def _with_maxima(shown: Panel, data: xr.Dataset) -> xr.Dataset:
    """Add each curve's highest point; NaN for its place where that is an end of the range."""
    (name,) = shown.observables
    x = data[shown.x].values
    places, heights, errors = [], [], []
    for k, curve in enumerate(shown.curves):
        highest = int(np.argmax(data[name].values[k]))
        place = float("nan")
        if 0 < highest < x.size - 1:
            place = _stationary(shown, curve, x[highest - 1], x[highest + 1])
        state = qbnum.steady_state(junctions(shown, curve, x[highest] if place != place else place))
        places.append(place)
        heights.append(getattr(state, name))
        errors.append(state.error_estimate[name])
    attributes = data[name].attrs
    return data.assign(
        maximum_position=("curve", places, {
            "units": "energy", "long_name": f"{shown.x} at which {name} is largest",
        }),
        maximum=("curve", heights, {
            "units": attributes["units"], "long_name": f"largest {name} of the curve",
        }),
        maximum_error=("curve", errors, {
            "units": attributes["units"], "long_name": "absolute error estimate of maximum",
        }),
    )  # fmt: skip


def _stationary(shown: Panel, curve: Curve, below: float, above: float) -> float:
    """Return where the derivative along the axis vanishes between two points beside a maximum."""
    (name,) = shown.observables

    def slope(x: float) -> float:
        found = qbnum.gradients(junctions(shown, curve, x), [name], [shown.x])
        return float(found[name, shown.x])

    return float(brentq(slope, below, above, xtol=POSITION))
