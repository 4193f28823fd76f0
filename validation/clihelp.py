"""Help texts of the command line. May import: nothing."""

from __future__ import annotations

import inspect

__all__ = ["help_text"]


def help_text(text: str) -> str:
    """Return help text in which paragraphs are one line each, for the terminal to wrap.

    The lines of an indented paragraph, the examples, stay lines of their own.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(p if p.startswith(" ") else p.replace("\n", " ") for p in paragraphs)
