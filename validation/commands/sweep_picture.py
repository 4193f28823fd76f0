"""The picture of a sweep: lines over one axis, maps over two, one panel an observable.

May import: numpy, qbnum, validation.plotting; matplotlib inside the function.
"""

from __future__ import annotations

import math
import re
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

import qbnum
from qbnum.sweeps import AXES
from validation.plotting import DIVERGING, LINES, NO_VALUE, SEQUENTIAL, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray as xr

__all__ = ["MAIN", "draw", "unit_of"]

MAIN = (
    "particle_number",
    "energy",
    "entropy",
    "exergy",
    "charge_current",
    "entropy_production",
)
"""What is drawn if nothing was chosen."""

LINE, BAND = LINES[0][0], LINES[6][0]

LOGARITHMIC = 10.0
"""A coordinate in equal ratios over more than this gets a logarithmic axis."""

TITLE_WIDTH = 65
"""Characters of the title above each column of panels."""

VISIBLE = 2e-3
"""An error estimate is drawn where it exceeds this part of the panel's range."""


def draw(dataset: xr.Dataset, names: Sequence[str] | None, path: Path) -> None:
    """Draw a sweep of one or two dimensions, and write it to ``path``, whole or not at all.

    Grey marks points without a value. Error estimates are drawn where they are wide enough to be
    seen.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    chosen = tuple(names or (name for name in MAIN if name in dataset))
    columns = 2 if len(chosen) == 4 else min(len(chosen), 3)
    rows = math.ceil(len(chosen) / columns)
    figure = Figure(
        figsize=(4.3 * columns + 0.4, 3.3 * rows + 0.5),
        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08),
    )
    panels = figure.subplots(rows, columns, squeeze=False)
    flat = len(dataset[chosen[0]].dims) == 1
    hidden = False
    for axes, name in zip(panels.flat, chosen, strict=False):
        hidden |= _line(axes, dataset, name) if flat else _map(figure, axes, dataset, name)
        axes.set_title(name.replace("_", " "), fontsize=11)
        axes.tick_params(labelsize=9)
    for axes in panels.flat[len(chosen) :]:
        axes.remove()
    if hidden:
        figure.supxlabel(_reason(dataset), fontsize=9)
    fixed = textwrap.fill(_fixed(dataset), TITLE_WIDTH * columns)
    figure.suptitle(fixed, fontsize=9, color="#444444")
    save(figure, path)


def _line(axes: Any, dataset: xr.Dataset, name: str) -> bool:
    (dim,) = dataset[name].dims
    x, y, error = (dataset[k].values for k in (dim, name, f"{name}_error"))
    order = np.argsort(x, kind="stable")
    x, y, error = x[order], y[order], error[order]
    axes.plot(x, y, color=LINE, linewidth=1.6, marker="." if x.size <= 40 else "", zorder=3)
    known = np.isfinite(y)
    # A band as thin as the line would only pretend to show something.
    if known.any() and np.max(error[known]) > VISIBLE * (np.ptp(y[known]) or 1.0):
        axes.fill_between(x, y - error, y + error, color=BAND, alpha=0.5, linewidth=0, zorder=2)
    if np.nanmin(y, initial=np.inf) < 0 < np.nanmax(y, initial=-np.inf):
        axes.axhline(0, color="#888888", linewidth=0.7, zorder=1)
    edges = _edges(x)
    for k in np.flatnonzero(~known):
        axes.axvspan(edges[k], edges[k + 1], color=NO_VALUE, linewidth=0, zorder=0)
    axes.set_xlim(x[0], x[-1]) if x.size > 1 else None
    if _logarithmic(x):
        axes.set_xscale("log")
    axes.set_xlabel(_coordinate(dataset, dim), fontsize=9)
    axes.set_ylabel(_label(name), fontsize=10)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    return bool((~known).any())


def _map(figure: Any, axes: Any, dataset: xr.Dataset, name: str) -> bool:
    from matplotlib.colors import Normalize, TwoSlopeNorm

    down, across = dataset[name].dims
    y, x = (np.sort(dataset[dim].values) for dim in (down, across))
    z = dataset[name].values[np.argsort(dataset[down].values)][
        :, np.argsort(dataset[across].values)
    ]
    shown = np.ma.masked_invalid(z)
    norm: Any = Normalize()
    colours = SEQUENTIAL
    if shown.count() and shown.min() < 0 < shown.max():
        most = float(np.abs(shown).max())
        norm, colours = TwoSlopeNorm(0.0, -most, most), DIVERGING
    axes.set_facecolor(NO_VALUE)
    image = axes.pcolormesh(_edges(x), _edges(y), shown, cmap=colours, norm=norm, rasterized=True)
    for values, scale in ((x, axes.set_xscale), (y, axes.set_yscale)):
        if _logarithmic(values):
            scale("log")
    axes.set_xlabel(_coordinate(dataset, across), fontsize=9)
    axes.set_ylabel(_coordinate(dataset, down), fontsize=9)
    bar = figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label(_label(name), fontsize=10)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    return bool(np.ma.getmaskarray(shown).any())


def _edges(centres: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the borders of the cells around sorted values, half-way in the axis' own scale."""
    if centres.size == 1:
        half = abs(float(centres[0])) / 2 or 0.5
        return np.array([centres[0] - half, centres[0] + half])
    if _logarithmic(centres):
        return np.asarray(np.exp(_edges(np.log(centres))))
    inner = (centres[1:] + centres[:-1]) / 2
    return np.concatenate(
        ([1.5 * centres[0] - 0.5 * centres[1]], inner, [1.5 * centres[-1] - 0.5 * centres[-2]])
    )


def _logarithmic(values: np.ndarray[Any, Any]) -> bool:
    if values.size < 3 or values[0] <= 0 or values[-1] < LOGARITHMIC * values[0]:
        return False
    ratios = np.diff(np.log(values))
    return bool(np.ptp(ratios) < 1e-6 * np.mean(ratios))


def unit_of(name: str) -> str:
    """Return an observable's unit for the eye."""
    return qbnum.OBSERVABLES[name].unit.replace("^2", "²")


def _label(name: str) -> str:
    observable = qbnum.OBSERVABLES[name]
    symbol = re.sub(r"([_^])(\w+)", r"\1{\\mathrm{\2}}", observable.symbol)
    unit = unit_of(name)
    return f"${symbol}$" + ("" if unit == "1" else f"  [{unit}]")


def _coordinate(dataset: xr.Dataset, dim: Any) -> str:
    """Return the axis' label: what varies along it."""
    along = [str(name) for name, c in dataset.coords.items() if c.dims == (dim,) and name != dim]
    others = f" (with {', '.join(along)})" if along else ""
    return f"{dim}{others}  [energy]"


def _reason(dataset: xr.Dataset) -> str:
    found = set(np.unique(dataset["status"].values).tolist())
    texts = {1: "not resolved", 2: "the occupation of a bound state is not fixed"}
    return "grey: " + ", or ".join(text for value, text in texts.items() if value in found)


def _fixed(dataset: xr.Dataset) -> str:
    """Return the fixed parameters, those that both leads share once."""
    values = {name: float(v) for name, v in dataset.attrs.items() if name in AXES}
    for name in ("onsite", "hopping", "coupling", "mu", "temperature"):
        left, right = values.get(f"left_{name}"), values.get(f"right_{name}")
        if left is not None and left == right:
            del values[f"left_{name}"], values[f"right_{name}"]
            values[name] = left
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
