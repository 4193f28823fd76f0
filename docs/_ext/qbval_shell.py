"""The directive ``shell``: commands that the build really runs, shown with what they print.

Each line of the content is a command, which goes on in the next line after a backslash. The
commands of a page share one scratch directory, in the order of the page, so that one may read what
another wrote. A command that ends otherwise than the page says is an error.
May import: docutils, sphinx.

::

    ```{shell}
    :exit: 1
    :lines: 12
    qbval conformance check --exec ./impl
    ```
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TIMEOUT = 180
"""Seconds that a command of a page may take."""

END_OF_COMMAND = re.compile(r"(?<!\\)\n")


class Shell(SphinxDirective):
    """Commands and their output as a terminal shows them.

    Options
    -------
    exit : what the last command's exit code must be, 0 by default; the others must end with 0.
    lines : how many lines of the output to show, from its beginning; more are counted.
    last : how many to show from its end as well.
    wide : in small print, for tables of up to 120 columns.
    hidden : run, but show nothing.
    pictures : a pattern of PNG files that the commands wrote, to be shown below.
    needs : a program without which nothing is run, and the page says so.
    """

    has_content = True
    option_spec = {  # noqa: RUF012 - the name and type that docutils asks for
        "exit": directives.nonnegative_int,
        "lines": directives.nonnegative_int,
        "last": directives.nonnegative_int,
        "wide": directives.flag,
        "hidden": directives.flag,
        "pictures": directives.unchanged,
        "needs": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Run the commands in the page's directory and return their transcript."""
        commands = END_OF_COMMAND.split("\n".join(self.content))
        needed = self.options.get("needs")
        if needed and shutil.which(needed) is None:
            shown = "\n".join(f"$ {command}" for command in commands)
            missing = f"Not run: this page was built where there is no program {needed!r}."
            return [
                nodes.literal_block(shown, shown, language="text"),
                nodes.warning("", nodes.paragraph("", missing)),
            ]
        expected = [0] * (len(commands) - 1) + [self.options.get("exit", 0)]
        shown = "\n".join(map(self._transcript, commands, expected))
        if "hidden" in self.options:
            return []
        # Not as "console": its lexer takes what programs print for a shell's words, and fails.
        block = nodes.literal_block(shown, shown, language="text")
        classes = ["shell", *(["wide"] if "wide" in self.options else [])]
        return [nodes.container("", block, classes=classes), *self._pictures()]

    def _pictures(self) -> list[nodes.Node]:
        pattern = self.options.get("pictures")
        paths = sorted(_directory(self.env).glob(pattern)) if pattern else []
        if pattern and not paths:
            raise self.error(f"no picture {pattern} was written")
        return [
            nodes.image(
                uri="data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii"),
                alt=path.stem,
                width="620px",
            )
            for path in paths
        ]

    def _transcript(self, command: str, expected: int) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=_directory(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )
        if done.returncode != expected:
            raise self.error(
                f"`{command}` ended with {done.returncode}, not {expected}:\n{done.stdout}"
            )
        printed = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
        head, tail = self.options.get("lines"), self.options.get("last", 0)
        if head is not None and len(printed) > head + tail + 1:
            left_out = f"[... {len(printed) - head - tail} more lines ...]"
            printed = [*printed[:head], left_out, *printed[len(printed) - tail :]]
        return "\n".join([f"$ {command}", *printed])


def _directory(env: Any) -> Path:
    """Return the page's scratch directory, which lasts as long as the page is being read."""
    if "qbval_shell" not in env.temp_data:
        env.temp_data["qbval_shell"] = tempfile.TemporaryDirectory(prefix="qbval-docs-")
    return Path(env.temp_data["qbval_shell"].name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("shell", Shell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
