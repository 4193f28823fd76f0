"""The ridge of the exergy: the best level for each bias, Figs. 6 and 7, Sec. IV B 2.

The paper says that the exergy is largest for the level "around the value of the applied bias"; the
ridge is where it is. May import: numpy, scipy, sympy, xarray, qbnum, qbsym, validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy
import xarray as xr
from numpy.typing import ArrayLike, NDArray

import qbnum
from qbsym import symbols as s
from qbsym.limits import optimum
from validation.errors import ParameterError
from validation.paper.protocol import BASE

__all__ = ["exergy_map", "ridge", "weak_coupling_level"]

LEVELS = (-1.0, 1.5, 251)
"""Levels that are scanned: a tenth of the paper's temperature apart, so that no maximum hides."""

STEPS = 6
"""Of Newton's method, from the scan's best level: two digits grow past sixteen in four."""

STEP = 1e-4
"""Of the slope's difference quotient, in energy; far below any temperature of the paper's."""


def weak_coupling_level(
    bias: ArrayLike, *, mu_eq: float = BASE["mu_eq"], temperature: float = BASE["temperature_eq"]
) -> NDArray[np.float64]:
    """Return the best level of equal leads for weak coupling and a bias far above T.

    mu_L - T ln W with W e^W = e^(bias/T - 1), up to T (T/bias)^2, as qbsym derives it. NaN for a
    bias below 2 T, where it means nothing.
    """
    bias = np.asarray(bias, dtype=np.float64)
    junction = qbnum.Junction.symmetric(
        level=0.0, mu_eq=mu_eq, temperature_eq=temperature, bias=bias
    )
    with np.errstate(over="ignore", invalid="ignore"):
        level = np.real(_closed_form()(*junction.parameters.values()))
    meant = (bias >= 2 * temperature) & np.isfinite(level)
    return np.where(meant, level, np.nan)


@cache
def _closed_form() -> Callable[..., Any]:
    # SymPy's own lambdify: Lambert's W is no function of qbsym.lambdify.
    form: Callable[..., Any] = sympy.lambdify(s.PARAMETERS, optimum("exergy_level"), "scipy")
    return form


def exergy_map(
    levels: ArrayLike, biases: ArrayLike, fixed: Mapping[str, float] | None = None
) -> xr.Dataset:
    """Return the exergy over level and bias; all other parameters as in `ridge`."""
    junction = qbnum.Junction.symmetric(level=0.0, **{**BASE, **(fixed or {})})
    return qbnum.sweep(
        junction,
        level=np.asarray(levels, dtype=np.float64),
        bias=np.asarray(biases, dtype=np.float64),
        observables="exergy",
        on_error="mask",
    )


def ridge(
    biases: ArrayLike,
    fixed: Mapping[str, float] | None = None,
    *,
    levels: tuple[float, float] = LEVELS[:2],
) -> xr.Dataset:
    """Return the level of the largest exergy for each bias.

    Parameters
    ----------
    biases : array (n,)
        mu_L - mu_eq, ascending.
    fixed : mapping, optional
        Parameters of ``Junction.symmetric`` besides level and bias that differ from the paper's.
    levels : (float, float), optional
        Between which levels the largest is sought.

    Returns
    -------
    xarray.Dataset
        Over ``bias``: ``level`` of the largest exergy and ``exergy`` there with their errors;
        ``weak_coupling_level``, the closed form; ``paper_level``, the paper's level = bias, and
        ``exergy_at_paper_level``. A level that lies on an end of ``levels`` is NaN: the maximum
        is beyond.

    Raises
    ------
    ParameterError
        Biases that are no line of numbers.
    qbnum.ParameterError
        Parameters outside their domain.
    """
    given = np.asarray(biases, dtype=np.float64)
    if given.ndim != 1 or given.size == 0 or not np.all(np.isfinite(given)):
        raise ParameterError(f"biases = {biases!r}; give a one-dimensional array of finite numbers")
    other = {**BASE, **(fixed or {})}
    count = max(LEVELS[2], int(np.ceil((levels[1] - levels[0]) / (other["temperature_eq"] / 10))))
    scanned = np.linspace(*levels, count)
    found = exergy_map(scanned, given, fixed)["exergy"].values
    best = np.argmax(np.where(np.isfinite(found), found, -np.inf), axis=0)
    level = scanned[best]
    spacing = scanned[1] - scanned[0]

    def slopes(at: NDArray[np.float64]) -> Any:
        junction = qbnum.Junction.symmetric(level=at, bias=given, **other)
        return qbnum.gradients(junction, ["exergy"], ["level"], bound_states="mask")

    for _ in range(STEPS):
        here, above, below = (
            np.ma.filled(slopes(level + move)["exergy", "level"], np.nan)
            for move in (0.0, STEP, -STEP)
        )
        curvature = (above - below) / (2 * STEP)
        bends = curvature < 0  # not where the maximum is beyond the ends
        step = np.where(bends, -here / np.where(bends, curvature, 1.0), 0.0)
        level = level + np.clip(step, -spacing, spacing)
    last = slopes(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        loose = np.abs(
            (np.abs(last["exergy", "level"]) + last.error_estimate["exergy", "level"]) / curvature
        )
    outside = (best == 0) | (best == count - 1) | ~bends
    level = np.where(outside, np.nan, level)
    at_paper = qbnum.steady_state(
        qbnum.Junction.symmetric(level=given, bias=given, **other), bound_states="mask"
    ).exergy
    state = last.state
    energy = {"units": "energy"}
    one = {"units": "1"}
    return xr.Dataset(
        {
            "level": ("bias", level, energy | {"long_name": "level of the largest exergy"}),
            "level_error": ("bias", np.where(outside, np.nan, np.ma.filled(loose, np.nan)), energy),
            "exergy": ("bias", np.where(outside, np.nan, np.ma.filled(state.exergy, np.nan)), one),
            "exergy_error": ("bias", np.ma.filled(state.error_estimate["exergy"], np.nan), one),
            "weak_coupling_level": (
                "bias",
                weak_coupling_level(
                    given, mu_eq=other["mu_eq"], temperature=other["temperature_eq"]
                ),
                energy | {"long_name": "the same for weak coupling, closed form"},
            ),
            "paper_level": ("bias", given, energy | {"long_name": "the paper's level = bias"}),
            "exergy_at_paper_level": ("bias", np.ma.filled(at_paper, np.nan), one),
        },
        coords={"bias": ("bias", given, energy | {"long_name": "mu_L - mu_eq"})},
        attrs={"title": "Level of the largest exergy for each bias", **other},
    )
