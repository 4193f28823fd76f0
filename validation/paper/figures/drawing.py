"""Figs. 2-15 drawn from their data sets, in the house's one style.

May import: numpy, validation.plotting, validation.paper.figures; matplotlib inside the functions.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from validation import plotting
from validation.paper.figures.data import Panel

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["SHEET", "draw_figure", "pictures", "sheet"]

Image: TypeAlias = NDArray[Any]

PAGE = 7.05
"""Width in inches of a journal's page, over which several panels are spread."""

HEIGHT = 2.5

X_LABELS = {
    "level": r"level $\varepsilon_{QB}\ /\ h_\alpha$",
    "bias": r"bias $\Delta\mu\ /\ h_\alpha$",
    "temperature_gradient": r"gradient $\Delta T\ /\ h_\alpha$",
}

Y_LABELS = {
    "equilibrium_entropy": r"$S_{QB}^{eq}$",
    "entropy": r"$S_{QB}^{NE}$",
    "exergy": r"$\beta W_{ext}$",
    "charge_current": r"$I_Q\ /\ h_\alpha$",
    "energy_current": r"$J_E\ /\ h_\alpha^2$",
    "heat_current_left": r"$J_H^L\ /\ h_\alpha^2$",
}

SEVERAL = {
    "exergy": r"$\beta W_{ext}$, Eq. (13)",
    "two_state_exergy": r"$\beta W_{ext}^\varrho$, Eq. (A5)",
    "entropy": r"$S_{QB}^{NE}$, Eq. (12)",
    "two_state_entropy": r"$S_\varrho^{NE}$, Eq. (A4)",
}
"""Legends of the curves of Fig. 8."""

SEVERAL_LABEL = "exergy, entropy"

COINCIDING = 0.015
"""Curves closer than this part of the panel's range, the width of a line, look like one."""

SHEET = (
    ((2, 3), (6, 7)),
    ((4,), (5,)),
    ((9,), (10,)),
    ((11,), (12,)),
    ((13,), (14,)),
    ((8,), (15,)),
)
"""Figures on the sheet that shows them all: rows of two places, each a page wide."""

WHITE = 1.0


def draw_figure(panels: Sequence[Panel], data: Mapping[str, xr.Dataset]) -> Figure:
    """Return one figure of the paper, its panels side by side under one legend.

    Parameters
    ----------
    panels : sequence of Panel
        Of the same figure.
    data : mapping of str to Dataset
        By the panels' ids.
    """
    single = len(panels) == 1
    with plotting.style():
        figure = plotting.new_figure(
            len(panels),
            width=plotting.COLUMN if single else PAGE / max(len(panels), 2),
            height=HEIGHT,
        )
        _fill(figure, panels, data)
        _settle(figure)
    return figure


def sheet(drawn: Mapping[int, bytes]) -> bytes:
    """Return every figure on one sheet, as PNG, from the PNGs of all of them."""
    from matplotlib.image import imread, imsave

    images = {number: imread(io.BytesIO(content)) for number, content in drawn.items()}
    rows = []
    for places in SHEET:
        row = [_beside([images[number] for number in place]) for place in places]
        rows.append(_beside(row))
    width = max(row.shape[1] for row in rows)
    found = io.BytesIO()
    imsave(found, np.concatenate([_padded(row, width=width) for row in rows]), format="png")
    return found.getvalue()


def _beside(images: Sequence[Image]) -> Image:
    height = max(image.shape[0] for image in images)
    return np.concatenate([_padded(image, height=height) for image in images], axis=1)


def _padded(image: Image, *, height: int = 0, width: int = 0) -> Image:
    below, right = max(height - image.shape[0], 0), max(width - image.shape[1], 0)
    return np.pad(image, ((0, below), (0, right), (0, 0)), constant_values=WHITE)


def pictures(figure: Figure, suffixes: Iterable[str]) -> dict[str, bytes]:
    """Return a figure as the contents of files with these suffixes, the same for the same data."""
    with plotting.style():
        return {suffix: plotting.picture_bytes(figure, suffix) for suffix in suffixes}


def _settle(figure: Figure) -> None:
    """Lay the figure out once, not again for each format."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


ROOM = 16
"""Points between a panel and its title: the power of ten of the axis fits there in every panel."""


def _fill(figure: Figure, panels: Sequence[Panel], data: Mapping[str, xr.Dataset]) -> None:
    for k, shown in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), k + 1)
        _panel(axes, shown, data[shown.id])
        title = _mathematical(f"({shown.id}) {shown.title}")
        axes.set_title(title, fontsize=8, loc="left", y=1.0, pad=5 if len(panels) == 1 else ROOM)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if len(handles) > 1 and len(panels) > 1:
        figure.legend(
            handles, labels, loc="outside upper center", ncols=len(handles), frameon=False
        )
    elif len(handles) > 1:
        figure.axes[0].legend(loc="upper left")


def _panel(axes: Any, shown: Panel, data: xr.Dataset) -> None:
    from matplotlib.ticker import MaxNLocator

    x = data[shown.x].values
    lines = [(k, name) for name in shown.observables for k in range(len(shown.curves))]
    styles = plotting.line_styles(len(lines))
    several = len(shown.observables) > 1
    for (k, name), look in zip(lines, styles, strict=True):
        label = SEVERAL[name] if several else _mathematical(shown.curves[k].label)
        axes.plot(x, data[name].values[k], label=label, zorder=3, **look)
    low, high = axes.get_ylim()
    if low < 0 < high and min(float(data[n].min()) for n in shown.observables) < 0:
        axes.axhline(0, color=plotting.GUIDE, linewidth=0.7, zorder=1)
    _name_coinciding(axes, shown, data)
    if "maximum" in data:
        _maxima(axes, data, styles)
    _guides(axes, shown, styles)
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel(X_LABELS[shown.x])
    axes.set_ylabel(SEVERAL_LABEL if several else Y_LABELS[shown.observables[0]])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(_powers_of_ten())
    axes.yaxis.get_offset_text().set_size(7)


def _powers_of_ten() -> Any:
    """Return a formatter with a common power of ten set as a formula, the ticks as plain text.

    Matplotlib's own sets all as formulas or none; formulas take it ten times as long.
    """
    from matplotlib.ticker import ScalarFormatter

    class Powers(ScalarFormatter):
        def get_offset(self) -> str:
            exponent = super().get_offset().partition("e")[2].replace("\N{MINUS SIGN}", "-")
            return rf"$\times10^{{{exponent}}}$" if exponent else ""

    found = Powers(useOffset=False)
    found.set_powerlimits((-2, 3))
    return found


def _name_coinciding(axes: Any, shown: Panel, data: xr.Dataset) -> None:
    """Say which curves lie on one another, which colours cannot."""
    for name in shown.observables:
        values = data[name].values
        span = float(np.ptp(values))
        for j, k in itertools.combinations(range(len(values)), 2):
            if np.max(np.abs(values[j] - values[k])) < COINCIDING * span:
                both = f"{shown.curves[j].label} and\n{shown.curves[k].label} coincide"
                low = values[:, -len(values[0]) // 3 :].mean() < values.min() + span / 2
                axes.annotate(
                    _mathematical(both), (0.97, 0.97 if low else 0.03), xycoords="axes fraction",
                    ha="right", va="top" if low else "bottom", fontsize=7, color="#444444",
                )  # fmt: skip


def _maxima(axes: Any, data: xr.Dataset, styles: Sequence[Mapping[str, Any]]) -> None:
    for k, look in enumerate(styles):
        place = float(data["maximum_position"].values[k])
        if math.isfinite(place):
            axes.plot(
                [place], [float(data["maximum"].values[k])], marker="o", markersize=4.5,
                color=look["color"], markeredgecolor="white", markeredgewidth=0.7, zorder=4,
            )  # fmt: skip


def _guides(axes: Any, shown: Panel, styles: Sequence[Mapping[str, Any]]) -> None:
    """Draw the guides; a text that several share stands at the last of them."""
    if any(guide.axis == "y" for guide in shown.guides):
        axes.set_ylim(top=1.12 * max(g.value for g in shown.guides if g.axis == "y"))
    elif shown.guides:
        low, high = axes.get_ylim()
        axes.set_ylim(top=high + 0.1 * (high - low))
    last = {guide.text: guide for guide in shown.guides}
    for guide in shown.guides:
        colour = plotting.GUIDE if guide.curve is None else styles[guide.curve]["color"]
        line = axes.axvline if guide.axis == "x" else axes.axhline
        line(guide.value, color=colour, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1)
        if guide is not last[guide.text]:
            continue
        text = _mathematical(guide.text)
        # At the top of a vertical guide, at the left end of a horizontal one.
        if guide.axis == "x":
            place, anchor, transform = (guide.value, 0.985), "top", axes.get_xaxis_transform()
        else:
            place, anchor, transform = (0.015, guide.value), "bottom", axes.get_yaxis_transform()
        axes.annotate(
            text, place, xycoords=transform, xytext=(2, -1 if guide.axis == "x" else 1),
            textcoords="offset points", va=anchor, ha="left", fontsize=7, color="#444444",
        )  # fmt: skip


def _mathematical(text: str) -> str:
    """Return text with the paper's symbols set as formulas."""
    for plain, formula in (
        ("ε_QB", r"$\varepsilon_{QB}$"),
        ("μ_eq", r"$\mu_{eq}$"),
        ("μ_L", r"$\mu_L$"),
        ("μ_R", r"$\mu_R$"),
        ("Δμ", r"$\Delta\mu$"),
        ("ΔT", r"$\Delta T$"),
        ("I_Q", "$I_Q$"),
        ("J_E", "$J_E$"),
        ("J_H^L", "$J_H^L$"),
        ("v = ", "$v$ = "),
    ):
        text = text.replace(plain, formula)
    return text
