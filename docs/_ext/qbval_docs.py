"""What the packages say of themselves: help texts and docstrings.

The directive ``commands`` gives the help of every command. Docstrings are plain text but for
names in backticks, and the names in them are looked up in their own package first; the proofs are
`qbval_derivations`'s. May import: docutils, sphinx, typer, the packages.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

QUOTED = re.compile(r"(`+[^`]+`+)")
"""What keeps its meaning in a docstring: names and code between backticks."""


def _section(title: str, identifier: str) -> nodes.section:
    return nodes.section("", nodes.title("", title), ids=[identifier], names=[identifier])


class Commands(SphinxDirective):
    """The help of every command, as a terminal shows it."""

    def run(self) -> list[nodes.Node]:
        """Ask each command of the tree for its help."""
        from typer.main import get_command

        from validation.cli import app

        return [self._render(path) for path in _paths(get_command(app), ())]

    def _render(self, path: tuple[str, ...]) -> nodes.section:
        from typer.testing import CliRunner

        from validation.cli import app

        printed = CliRunner(env={"COLUMNS": "80"}).invoke(
            app, [*path, "--help"], prog_name="qbval", catch_exceptions=False
        )
        help_text = "\n".join(line.rstrip() for line in printed.stdout.strip().splitlines())
        title = " ".join(("qbval", *path))
        section = _section(title, title.replace(" ", "-"))
        section += nodes.literal_block(help_text, help_text, language="text")
        return section


def _paths(command: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    deeper = [found for name, child in below.items() for found in _paths(child, (*path, name))]
    return [path, *deeper]


def escape_mathematics(app: Sphinx, kind: str, name: str, *rest: Any) -> None:
    """Keep magnitudes, |G^r|, and stars from being read as markup; edits the lines in place."""
    lines = rest[-1]
    example = False
    for k, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example:
            parts = QUOTED.split(line)
            parts[::2] = [re.sub(r"([|*])", r"\\\1", part) for part in parts[::2]]
            lines[k] = "".join(parts)


def look_up_at_home(app: Sphinx, doctree: nodes.document) -> None:
    """Point each class named in a docstring to the one that its module or package exports."""
    for reference in doctree.findall(pending_xref):
        target, module = reference["reftarget"], reference.get("py:module") or ""
        if reference["refdomain"] != "py" or not target[:1].isupper() or "." in target:
            continue
        homes = [home for home in (module, module.partition(".")[0]) if home]
        exporting = (home for home in homes if target in import_module(home).__all__)
        if homes:  # of no home: not to be found under another package's name either
            reference["reftarget"] = f"{next(exporting, module)}.{target}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what is done to docstrings, before napoleon reads them."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("qbval_derivations")
    app.add_directive("commands", Commands)
    app.connect("autodoc-process-docstring", escape_mathematics, priority=400)
    app.connect("doctree-read", look_up_at_home)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
