"""Directives that render the proofs of `qbsym.derivations`, each step decided while building.

May import: docutils, sphinx, sympy, qbsym, validation.pool.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective


class Step(NamedTuple):
    """One decided step, as it is shown."""

    text: str
    formula: str
    method: str


_decided: dict[str, tuple[Step, ...]] = {}


def decide(name: str) -> tuple[Step, ...]:
    """Return the decided steps of one derivation.

    Raises
    ------
    ExtensionError
        A step does not hold.
    """
    from sympy import latex, true

    import qbsym

    steps = []
    for step in qbsym.derivation(name).steps:
        result = step.verify()
        if not result.passed:
            raise ExtensionError(f"derivation {name}: the step {step.text!r} does not hold")
        # What SymPy knows from the assumptions alone has no formula left.
        formula = "" if step.equation == true else latex(step.equation)
        steps.append(Step(step.text, formula, result.method))
    return tuple(steps)


def decided(names: Sequence[str]) -> dict[str, tuple[Step, ...]]:
    """Return the decided steps of these derivations; each is decided once in a build."""
    from validation.pool import finished

    missing = {name: partial(decide, name) for name in names if name not in _decided}
    _decided.update(finished(missing, os.cpu_count() or 1))
    return {name: _decided[name] for name in names}


def catalogue() -> list[str]:
    """Return every derivation's name, in the catalogue's order."""
    import qbsym

    return [derivation.name for derivation in qbsym.derivations()]


def label(name: str) -> str:
    """Return the label by which a page refers to a derivation: ``{ref}`derivation-...` ``."""
    return "derivation-" + name.replace("_", "-")


class Derivations(SphinxDirective):
    """Derivations, each a section: statement, assumptions, steps, how each was decided.

    Content: their names, one a line. With ``:excerpt:`` they are shown a second time, away from
    their home and under another label.
    """

    has_content = True
    option_spec: ClassVar = {"excerpt": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Derive, decide and render; a step that does not hold stops the build."""
        names = [line.strip() for line in self.content if line.strip()]
        excerpt = "excerpt" in self.options
        steps = decided(names)
        return [self._section(name, steps[name], excerpt) for name in names]

    def _section(self, name: str, steps: Iterable[Step], excerpt: bool) -> nodes.section:
        import qbsym

        derivation = qbsym.derivation(name)
        identifier = ("excerpt-" if excerpt else "") + label(name)
        section = nodes.section("", ids=[identifier], names=[identifier])
        section += nodes.title("", "", nodes.literal("", name))
        self.state.document.note_explicit_target(section)
        section += nodes.paragraph("", f"{derivation.statement} Paper: {derivation.equation}.")
        if derivation.assumptions:
            text = "; ".join(derivation.assumptions)
            section += nodes.paragraph("", "", nodes.emphasis("", "Assuming "), nodes.Text(text))
        listed = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        listed += [self._item(step) for step in steps]
        section += listed
        return section

    def _item(self, step: Step) -> nodes.list_item:
        method = nodes.emphasis("", f"[{step.method}]")
        item = nodes.list_item("", nodes.paragraph("", step.text + " ", method))
        if step.formula:
            block = nodes.math_block(step.formula, step.formula, number=None, label=None)
            block["no-wrap"] = False
            block["docname"] = self.env.docname
            item += block
        return item


class Decisions(SphinxDirective):
    """A table: in how many steps of the whole catalogue each way of deciding was needed."""

    def run(self) -> list[nodes.Node]:
        """Decide all steps and count."""
        steps = decided(catalogue())
        counts = Counter(step.method for found in steps.values() for step in found)
        total = f"in all, {len(steps)} derivations"
        rows = [*counts.most_common(), (total, counts.total())]
        return [_table(("decided by", "steps"), [(how, str(count)) for how, count in rows])]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> nodes.table:
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(texts: Sequence[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in texts))


def _decide_all(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str]) -> None:
    """Decide everything before pages are read, by several processes, if one of them asks for it."""
    pages = (Path(env.doc2path(docname)).read_text(encoding="utf-8") for docname in docnames)
    if any("```{derivation" in page for page in pages):
        decided(catalogue())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("derivations", Derivations)
    app.add_directive("derivation-decisions", Decisions)
    app.connect("env-before-read-docs", _decide_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
