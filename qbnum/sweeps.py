"""Labelled sweeps over parameters, as xarray data sets. May import: numpy, xarray, qbnum."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from qbnum.errors import ParameterError
from qbnum.model import Junction, Lead
from qbnum.observables import OBSERVABLES
from qbnum.steady_state import steady_state

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["sweep"]


def sweep(junction: Junction, *, bound_states: Any = "mask", **axes: ArrayLike) -> xr.Dataset:
    """Return every observable on the grid spanned by the given parameter values.

    Parameters
    ----------
    junction : Junction
        A single junction; what is not swept is taken from it.
    bound_states : optional
        As in `steady_state`; masked values are NaN in the data set, and the variable
        ``bound_state_weight`` says where.
    **axes : array
        One-dimensional values, one axis of the result each, crossed in the order given: fields of
        the junction (``level``, ``mu_eq``, ``temperature_eq``), of both leads (``onsite``,
        ``hopping``, ``coupling``), of one lead (``left_coupling``, ``right_mu``, ...), or ``bias``
        and ``temperature_gradient``, which set the left lead's mu and temperature to the
        equilibrium's plus the value.

    Returns
    -------
    xarray.Dataset
        Observables with their units and equation numbers, ``<name>_error`` beside each, one
        dimension an axis.

    Raises
    ------
    ParameterError
        An unknown axis, values that are not one-dimensional, or outside the domain.
    """
    if junction.shape != ():
        raise ParameterError(
            f"sweep starts from a single junction, not from shape {junction.shape}"
        )
    coords = {name: np.asarray(values) for name, values in axes.items()}
    for name, values in coords.items():
        if values.ndim != 1 or values.size == 0:
            raise ParameterError(f"{name} has shape {values.shape}; give a one-dimensional array")
    grids = {
        name: values.reshape([-1 if k == i else 1 for k in range(len(coords))])
        for i, (name, values) in enumerate(coords.items())
    }
    state = steady_state(_at(junction, grids), bound_states=bound_states)
    shape = tuple(v.size for v in coords.values())
    data: dict[str, Any] = {}
    for name in state.available:
        info = OBSERVABLES[name]
        attributes = {"units": info.unit, "equation": info.equation, "long_name": info.text}
        value = np.ma.filled(np.ma.asarray(getattr(state, name)), np.nan)
        error = np.ma.filled(np.ma.asarray(state.error_estimate[name]), np.nan)
        data[name] = (tuple(coords), np.broadcast_to(value, shape), attributes)
        data[f"{name}_error"] = (
            tuple(coords),
            np.broadcast_to(error, shape),
            {"units": info.unit, "long_name": f"absolute error estimate of {name}"},
        )
    data["bound_state_weight"] = (
        tuple(coords),
        np.broadcast_to(state.bound_state_weight, shape),
        {"units": "1", "long_name": "total weight of the bound states outside the bands"},
    )
    return xr.Dataset(
        data,
        coords={name: (name, v, {"units": "energy"}) for name, v in coords.items()},
        attrs={"title": "steady state of a level between two tight-binding reservoirs"},
    )


def _at(junction: Junction, grids: dict[str, Any]) -> Junction:
    lead_fields = [f.name for f in fields(Lead)]
    own = {k: grids[k] for k in ("level", "mu_eq", "temperature_eq") if k in grids}
    leads = {"left": junction.left, "right": junction.right}
    for name, values in grids.items():
        if name in own or name in ("bias", "temperature_gradient"):
            continue
        side, _, one = name.partition("_")
        if name in ("onsite", "hopping", "coupling"):
            leads = {s: replace(lead, **{name: values}) for s, lead in leads.items()}
        elif side in leads and one in lead_fields:
            leads[side] = replace(leads[side], **{one: values})
        else:
            raise ParameterError(
                f"{name} is no axis of a sweep; allowed are level, mu_eq, temperature_eq, bias, "
                "temperature_gradient, onsite, hopping, coupling, and left_ or right_ before "
                + ", ".join(lead_fields)
            )
    made = replace(junction, left=leads["left"], right=leads["right"], **own)
    for axis, target, base in (
        ("bias", "mu", made.mu_eq),
        ("temperature_gradient", "temperature", made.temperature_eq),
    ):
        if axis in grids:
            left = replace(made.left, **{target: np.asarray(base) + grids[axis]})
            made = replace(made, left=left)
    return made
