"""How records are shown: arrays in a few words, tables as text and as HTML.

May import: numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

__all__ = [
    "end_texts",
    "field_text",
    "html_table",
    "parameter_lines",
    "range_texts",
    "text_table",
]

SHORT = 8
"""Most values of an array that are written out."""

_CELL = (
    "text-align: left; padding: 0.15em 0.8em; "
    "border-top: 1px solid color-mix(in srgb, currentColor 30%, transparent)"
)
_CAPTION = "caption-side: top; text-align: left; padding: 0.3em 0.8em"


def field_text(value: Any) -> str:
    """Return a field as Python writes it, to the last bit; an array of many values in short.

    Examples
    --------
    >>> field_text(np.array([0.1, 0.2])), field_text(np.linspace(0, 1, 11))
    ('array([0.1, 0.2])', '<array (11,): 0 ... 1>')
    """
    if not isinstance(value, np.ndarray):
        return repr(value)
    if not value.size:
        return f"<array {value.shape}>"
    if value.size <= SHORT:
        return f"array({value.tolist()!r})"
    low, high = range_texts(value)
    return f"<array {value.shape}: {low} ... {high}>"


def range_texts(array: Any, digits: int = 6) -> tuple[str, str]:
    """Return the least and the greatest value to some digits; masked values have no say."""
    if not np.ma.count(array):
        return "-", "-"
    # A plain minimum is several times as fast as a masked one.
    values = array.compressed() if np.ma.is_masked(array) else np.asarray(array)
    return f"{values.min():.{digits}g}", f"{values.max():.{digits}g}"


def end_texts(array: Any) -> tuple[str, str]:
    """Return the first and the last value to six digits."""
    ends = np.ma.asarray(array).reshape(-1)[[0, -1]]
    first, last = ("masked" if end is np.ma.masked else f"{end:.6g}" for end in ends)
    return first, last


def parameter_lines(parameters: Mapping[str, Any]) -> list[str]:
    """Return a junction's parameters in three lines: the level's and the equilibrium's, L, R."""
    lines: dict[str, list[str]] = {"": [], "left": [], "right": []}
    for dotted, value in parameters.items():
        side, _, name = dotted.rpartition(".")
        lines[side].append(f"{name} {field_text(value)}")
    return [f"{side + ':':<7}{', '.join(line)}" if side else ", ".join(line)
            for side, line in lines.items()]  # fmt: skip


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (headings, *rows)
    ]


def html_table(
    caption: Sequence[str],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> str:
    """Return a table as HTML, every text escaped, in the colours of the page it stands on."""

    def row(tag: str, cells: Sequence[str]) -> str:
        inner = "".join(f'<{tag} style="{_CELL}">{escape(cell)}</{tag}>' for cell in cells)
        return f"<tr>{inner}</tr>"

    title, *more = map(escape, caption)
    lines = [
        '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums">',
        f'<caption style="{_CAPTION}"><strong>{title}</strong>{"".join(f"<br/>{m}" for m in more)}'
        "</caption>",
        f"<thead>{row('th', headings)}</thead>",
        f"<tbody>{''.join(row('td', cells) for cells in rows)}</tbody>",
        "</table>",
    ]
    return "\n".join([*lines, *(f"<p>{escape(note)}</p>" for note in notes)])
