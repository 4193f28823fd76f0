"""The picture of a search: the objective over what was searched, its optima, the paper's line.

May import: numpy, qbnum, validation; matplotlib inside the functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import qbnum
from qbnum.optimize import RATIOS, Optimum
from validation.paper.ridge import ridge
from validation.plotting import GUIDE, LINES, NO_VALUE, SEQUENTIAL, new_figure, save, style

__all__ = ["draw", "paper_line"]

RIDGE_POINTS = 61
"""Biases along which the ridge is computed."""

LOGARITHMIC = 10.0
"""A positive range beyond this ratio has a logarithmic axis, as it is searched."""

OF_PROTOCOL = frozenset(
    ("hopping", "onsite", "coupling", "mu_eq", "temperature_eq", "temperature_gradient")
)
"""What the ridge may have fixed: both leads alike."""


def paper_line(found: Optimum, fixed: Mapping[str, float]) -> Iterator[str]:
    """Yield how the optimum compares with the paper's "level = bias", where it speaks of it."""
    both = {**fixed, **found.parameters}
    if (
        found.objective != "exergy"
        or found.goal != "maximum"
        or "level" not in found.parameters
        or "level" in found.at_bounds
        or not both.get("bias")
        or "left_mu" in both
    ):
        return
    level, bias = both["level"], both["bias"]
    off = level - bias
    from_mu = level - (both["mu_eq"] + bias)
    yield (
        f"The paper (Figs. 6, 7) has the maximum at level = bias = {bias:.6g}: here it is "
        f"{off:+.3g} from there, {from_mu:+.3g} from mu_L."
    )


def draw(found: Optimum, fixed: Mapping[str, float], path: Path) -> None:
    """Draw the objective over the one or two parameters searched, with the optima.

    The exergy over level and bias also gets its ridge, the best level for each bias.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    with style():
        picture = _curve if len(found.parameters) == 1 else _map
        save(picture(found, fixed), path)


def _curve(found: Optimum, fixed: Mapping[str, float]) -> Any:
    figure = new_figure(width=4.2, height=3.0)
    axes = figure.subplots()
    (name,) = found.parameters
    x, y = found.scan[0][name], found.scan[1]
    colour, dashes = LINES[0]
    axes.plot(x, y, color=colour, linestyle=dashes, zorder=3)
    for one in reversed(found.local):
        best = one is found.local[0]
        axes.plot(
            one.parameters[name], one.value, linestyle="none", zorder=4,
            marker="o" if best else "v", color=LINES[1][0],
            markerfacecolor=LINES[1][0] if best else "white",
            label=f"{found.goal}, {name} = {one.parameters[name]:.4g}" if best else "another",
        )  # fmt: skip
    if name == "level" and fixed.get("bias") and found.objective == "exergy":
        axes.axvline(fixed["bias"], color=GUIDE, linestyle=":", label="level = bias (paper)")
    _grey(axes, x, y)
    if _is_logarithmic(found, name):
        axes.set_xscale("log")
    axes.set_xlabel(_coordinate(name))
    axes.set_ylabel(_label(found.objective))
    axes.margins(x=0)
    # Above the panel: inside there is the curve, wherever its peak may be.
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2, ncols=2)
    return figure


def _grey(axes: Any, x: Any, y: Any) -> None:
    """Shade where there is no value."""
    unknown = ~np.isfinite(y)
    if not unknown.any():
        return
    edges = np.concatenate([x[:1], (x[1:] + x[:-1]) / 2, x[-1:]])
    for k in np.flatnonzero(unknown):
        axes.axvspan(edges[k], edges[k + 1], color=NO_VALUE, linewidth=0, zorder=0)


def _map(found: Optimum, fixed: Mapping[str, float]) -> Any:
    figure = new_figure(width=4.6, height=3.7)
    axes = figure.subplots()
    across, down = found.parameters
    if across == "level":
        across, down = down, across
    x, y = (np.unique(found.scan[0][name]) for name in (across, down))
    order = np.lexsort((found.scan[0][across], found.scan[0][down]))
    z = found.scan[1][order].reshape(y.size, x.size)
    axes.set_facecolor(NO_VALUE)
    shown = np.ma.masked_invalid(z)
    image = axes.pcolormesh(x, y, shown, cmap=SEQUENTIAL, shading="gouraud", rasterized=True)
    axes.contour(x, y, shown, levels=8, colors="white", linewidths=0.4, alpha=0.7)
    for name, scale in ((across, axes.set_xscale), (down, axes.set_yscale)):
        if _is_logarithmic(found, name):
            scale("log")
    bar = figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label(_label(found.objective))
    bar.outline.set_visible(False)
    if (across, down) == ("bias", "level") and found.objective == "exergy" and _of_ridge(fixed):
        _draw_ridge(axes, found, fixed)
    for one in reversed(found.local):
        best = one is found.local[0]
        axes.plot(
            one.parameters[across], one.parameters[down], linestyle="none", zorder=6,
            marker="*" if best else "v", markersize=11 if best else 6, clip_on=False,
            color="white", markeredgecolor="black", markeredgewidth=0.8,
            label=found.goal if best else "another",
        )  # fmt: skip
    axes.set_xlabel(_coordinate(across))
    axes.set_ylabel(_coordinate(down))
    axes.set_xlim(*found.bounds[across])
    axes.set_ylim(*found.bounds[down])
    axes.grid(False)
    figure.legend(loc="outside upper left", ncols=2, handlelength=2.6)
    return figure


def _of_ridge(fixed: Mapping[str, float]) -> bool:
    return set(fixed) <= OF_PROTOCOL


def _draw_ridge(axes: Any, found: Optimum, fixed: Mapping[str, float]) -> None:
    low, high = found.bounds["bias"]
    biases = np.linspace(low, high, RIDGE_POINTS)
    biases = biases[biases != 0]  # the exergy is 0 at any level
    best = ridge(biases, fixed, levels=found.bounds["level"])
    # On the map's colours: each line white below, told apart by its dashes.
    lines = [
        ("level", "best level (computed)", "#d55e00", "-", 1.8),
        ("paper_level", "level = bias (paper)", "#000000", "--", 1.3),
    ]
    if not fixed.get("temperature_gradient"):
        lines.append(("weak_coupling_level", "weak coupling", "#cc79a7", ":", 1.8))
    for name, label, colour, dashes, width in lines:
        axes.plot(biases, best[name], color="white", linewidth=width + 1.2, zorder=4, alpha=0.8)
        axes.plot(
            biases, best[name], color=colour, linestyle=dashes, linewidth=width, label=label,
            zorder=5,
        )  # fmt: skip


def _is_logarithmic(found: Optimum, name: str) -> bool:
    low, high = found.bounds[name]
    return low > 0 and high > LOGARITHMIC * low


def _symbol(name: str) -> str:
    return re.sub(r"([_^])(\w+)", r"\1{\\mathrm{\2}}", qbnum.OBSERVABLES[name].symbol)


def _label(name: str) -> str:
    if name in RATIOS:
        top, below = (_symbol(part) for part in RATIOS[name])
        return f"{name.replace('_', ' ')}  ${top}/|{below}|$  [1/energy]"
    unit = qbnum.OBSERVABLES[name].unit.replace("^2", "²")
    return f"{name.replace('_', ' ')}  ${_symbol(name)}$" + ("" if unit == "1" else f"  [{unit}]")


def _coordinate(name: str) -> str:
    return f"{name.replace('_', ' ')}  [energy]"
