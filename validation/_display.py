"""Small tables as text and as HTML. May import: nothing.

qbnum has its own, since the reference shares no code with it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["html_table", "text_table"]

_CELL = (
    "text-align: left; padding: 0.15em 0.8em; "
    "border-top: 1px solid color-mix(in srgb, currentColor 30%, transparent)"
)
_CAPTION = "caption-side: top; text-align: left; padding: 0.3em 0.8em"


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
    return "\n".join(
        [
            '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums">',
            f'<caption style="{_CAPTION}"><strong>{title}</strong>'
            f"{''.join(f'<br/>{line}' for line in more)}</caption>",
            f"<thead>{row('th', headings)}</thead>",
            f"<tbody>{''.join(row('td', cells) for cells in rows)}</tbody>",
            "</table>",
            *(f"<p>{escape(note)}</p>" for note in notes),
        ]
    )
