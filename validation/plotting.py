"""The one style of every picture: colours, sizes, fonts, and how a picture is written.

Colours are those of Okabe and Ito, told apart without colour vision; lines differ in their dashes
as well, so that they read in grey. May import: matplotlib (inside the functions),
validation.files.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "DIVERGING",
    "FORMATS",
    "GUIDE",
    "LINES",
    "NO_VALUE",
    "SEQUENTIAL",
    "line_styles",
    "new_figure",
    "picture_bytes",
    "save",
    "style",
]

FORMATS = (".png", ".svg", ".pdf")
"""Suffixes of files that can be drawn."""

LINES = (
    ("#0072b2", "-"),
    ("#d55e00", "--"),
    ("#009e73", "-."),
    ("#cc79a7", (0, (1, 1.2))),
    ("#000000", (0, (5, 1, 1, 1, 1, 1))),
    ("#56b4e9", (0, (6, 2))),
    ("#e69f00", (0, (3, 1, 1, 1))),
)
"""Colour and dashes of the curves of a panel, in their order."""

SEQUENTIAL = "viridis"
DIVERGING = "PuOr"
"""Both can be told apart without colour vision; the diverging one is white at zero."""

NO_VALUE = "#c8c8c8"
"""Where there is no number."""

GUIDE = "#777777"
"""Lines that are not data: zero, thresholds."""

COLUMN = 3.4
"""Width in inches of a journal's column, at which every label must be legible."""

RESOLUTION = 200
"""Dots per inch of a PNG."""

STYLE: Any = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "legend.fontsize": 7.5,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.5,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,  # text stays text
    "savefig.dpi": RESOLUTION,
    "svg.fonttype": "path",
    "svg.hashsalt": "qbval",  # the same picture gives the same file
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.direction": "in",
    "ytick.direction": "in",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house's style inside this context."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        yield


def new_figure(
    columns: int = 1, rows: int = 1, *, width: float = COLUMN, height: float = 2.6
) -> Figure:
    """Return a figure of panels ``width`` by ``height`` inches each; needs no display.

    Call it, and draw, inside `style`.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width * columns, height * rows))


def line_styles(count: int) -> list[dict[str, Any]]:
    """Return keyword arguments of ``axes.plot`` for the curves of a panel."""
    return [
        {"color": LINES[k % len(LINES)][0], "linestyle": LINES[k % len(LINES)][1]}
        for k in range(count)
    ]


def picture_bytes(figure: Figure, suffix: str) -> bytes:
    """Return a figure as the content of a file with this suffix, the same for the same figure."""
    drawn = io.BytesIO()
    form = suffix.lstrip(".").lower()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    with style():  # how text and identifiers are written is decided here, not when it is drawn
        figure.savefig(drawn, format=form, metadata=undated[form])
    return drawn.getvalue()


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file whose suffix is one of `FORMATS`, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_atomically(path, picture_bytes(figure, path.suffix))
