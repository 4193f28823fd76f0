"""Pages: how HTML is made here, and what all pages share. May import: jinja2, markupsafe (inside).

The shared style is ``templates/base.css``, which a page's template includes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "symbols"]


@cache
def environment(package: str) -> Environment:
    """Return what renders the templates of a package, and the shared ones.

    Everything is escaped, an unknown name in a template is an error, and the filter ``symbols``
    is there.

    Parameters
    ----------
    package : str
        The package whose directory ``templates`` is looked into first.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("validation")]),
        autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["symbols"] = symbols
    return made


def symbols(text: str) -> Any:
    """Return text as HTML with subscripts and superscripts: ``ε_QB``, ``J_H^L``, ``S_QB^NE``."""
    from markupsafe import Markup, escape

    marked = re.sub(r"_([A-Za-zα]+|\d)", r"<sub>\1</sub>", str(escape(text)))
    return Markup(re.sub(r"\^([A-Za-z]+)", r"<sup>\1</sup>", marked))
