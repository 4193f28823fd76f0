"""The benchmark's picture: time against error, paper and corners, and scaling.

May import: matplotlib (inside the function), validation.plotting, benchmarks.fast_layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from validation.plotting import save

from .goals import FASTER
from .measure import RegimeResult
from .scaling import Scaled
from .tables import hardest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]


class Style(NamedTuple):
    """How a route is drawn: colour, marker, name."""

    colour: str
    marker: str
    label: str


STYLES = {
    # Okabe and Ito's colours, told apart without colour vision; markers differ as well.
    "quad": Style("#D55E00", "s", "quad"),
    "quad_vec": Style("#E69F00", "D", "quad_vec"),
    "trapezoid": Style("#999999", "v", "trapezoid"),
    "gauss": Style("#56B4E9", "^", "Gauss"),
    "mpmath": Style("#CC79A7", "P", "mpmath"),
    "numpy": Style("#0072B2", "o", "qbnum"),
    "compiled": Style("#009E73", "*", "qbnum, compiled"),
}

LEAST, MOST = 1e-17, 10.0
"""Errors are drawn between these: exact, and no digit at all or no number."""

NO_DIGIT = 0.1
GREY = "#555555"


def draw(results: Sequence[RegimeResult], scaled: Sequence[Scaled], path: Path) -> None:
    """Draw the picture and write it to ``path``, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8.2), layout="constrained")
    (paper, corner), (time, memory) = figure.subplots(2, 2)
    corner.sharey(paper)
    corner.sharex(paper)
    _paper(paper, [r for r in results if r.regime.group == "paper"])
    _corners(corner, [r for r in results if r.regime.group == "corner"])
    _scaling(time, memory, scaled)
    handles, names = paper.get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=len(names), frameon=False, fontsize=10
    )
    save(figure, path)


def _clipped(errors: Sequence[float]) -> list[float]:
    return [min(max(error, LEAST), MOST) for error in errors]


def _time_and_error(axes: Axes, title: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(LEAST / 5, MOST * 10)
    axes.axhspan(NO_DIGIT, MOST * 10, color="#eeeeee", linewidth=0, zorder=0)
    axes.text(
        0.015, 0.975, "no digit is right", transform=axes.transAxes, fontsize=9, color=GREY,
        va="top",
    )  # fmt: skip
    axes.set_yticks([10.0**-k for k in range(0, 17, 4)])
    axes.set_xlabel("time of a point (µs)")
    axes.set_ylabel("relative error")
    axes.set_title(title, fontsize=11, loc="left")
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.grid(which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)


def _marked(axes: Axes, x: Any, y: Any, style: Style, **how: Any) -> None:
    size = 150 if style.marker == "*" else 75
    axes.scatter(x, y, s=size, c=style.colour, marker=style.marker, **how)


def _paper(axes: Axes, results: Sequence[RegimeResult]) -> None:
    """Draw each observable's worst error faintly, the worst of all boldly."""
    for route, style in STYLES.items():
        times = [r.seconds[route] * 1e6 for r in results if route in r.seconds]
        errors = [
            error for r in results if route in r.judged for error in r.judged[route].errors.values()
        ]
        if not times or not errors:
            continue
        x = sum(times) / len(times)
        axes.scatter(
            [x] * len(errors), _clipped(errors),
            s=14, c=style.colour, marker="_", linewidths=1, alpha=0.7,
        )  # fmt: skip
        _marked(
            axes, [x], _clipped([max(errors)]), style,
            label=style.label, edgecolors="black", linewidths=0.7, zorder=3,
        )  # fmt: skip
    _time_and_error(axes, "paper's parameters: worst of all observables (dashes: each)")
    quad = sum(r.seconds["quad"] for r in results) / len(results) * 1e6
    for factor in FASTER.values():
        axes.axvline(quad / factor, color="#777777", linestyle=":", linewidth=1, zorder=0)
        axes.annotate(
            f"quad/{factor:g}", (quad / factor, 1e-7), xytext=(-2, 0), rotation=90,
            textcoords="offset points", ha="right", va="center", fontsize=9, color=GREY,
        )  # fmt: skip


def _corners(axes: Axes, results: Sequence[RegimeResult]) -> None:
    """Draw the worst error in each corner, outlined in the one that takes qbnum longest."""
    slowest = hardest(results)
    for route, style in STYLES.items():
        shown = [r for r in results if route in r.seconds and route in r.judged]
        for bold in (False, True):
            some = [r for r in shown if (r is slowest) is bold]
            if some:
                x = [r.seconds[route] * 1e6 for r in some]
                y = _clipped([r.judged[route].worst for r in some])
                how = (
                    {"edgecolors": "black", "linewidths": 1.2, "zorder": 3}
                    if bold
                    else {"alpha": 0.45, "linewidths": 0}
                )
                _marked(axes, x, y, style, **how)
    named = f" (outlined: {slowest.regime.name})" if slowest else ""
    _time_and_error(axes, f"corners: worst of all observables{named}")


def _scaling(time: Axes, memory: Axes, scaled: Sequence[Scaled]) -> None:
    """Draw time and memory of a point against the number of points."""
    for engine in dict.fromkeys(one.engine for one in scaled):
        style = STYLES[engine]
        own = [one for one in scaled if one.engine == engine]
        points = [one.points for one in own]
        look: dict[str, Any] = {"color": style.colour, "marker": style.marker, "markersize": 8}
        time.plot(points, [one.seconds * 1e6 for one in own], **look)
        memory.plot(points, [one.working for one in own], **look)
    if scaled:
        # The same for all engines.
        largest = {one.points: one.results for one in scaled}
        memory.plot(
            list(largest), list(largest.values()), color="#777777", linestyle="--", linewidth=1
        )
        x, y = max(largest.items())
        memory.annotate(
            "the results themselves", (x, y), xytext=(-8, 0), textcoords="offset points",
            ha="right", va="bottom", fontsize=9, color=GREY,
        )  # fmt: skip
    memory.set_yscale("symlog", linthresh=1.0)
    for axes, label, title in (
        (time, "time of a point (µs)", "time of a point: flat is linear in the number"),
        (memory, "MiB", "memory beyond input and results"),
    ):
        axes.set_xscale("log")
        axes.set_ylim(0, 1.25 * axes.dataLim.y1)
        axes.set_xlabel("number of points")
        axes.set_ylabel(label)
        axes.set_title(title, fontsize=11, loc="left")
        _plain(axes)
