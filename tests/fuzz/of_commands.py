"""The command line: words that are typed, and files that are given."""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path
from random import Random

from tests.fuzz.bytes import documents, files
from tests.fuzz.draw import Draw, pick
from tests.fuzz.judge import Entry
from tests.fuzz.of_files import answers, records, tables, toml_files
from tests.fuzz.values import TEXTS
from tests.validation.processes import qbval_here

CODES = (0, 1, 2)
"""Done, a disagreement, bad input."""

WORDS = pick(
    (
        *TEXTS, "0", "-1", "1e999", "0:1:3", "log:0:1:3", "1:2:9999999999", "9" * 30, "a=b", "-h",
        "--", "-", "/dev/null", "/proc/x", ".", "x.nc", "none.json", "0.1,0.2", "*", "[", "below=1",
    )
)  # fmt: skip


@functools.cache
def options() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The options of every command, as the program itself has them."""
    import typer.main

    from validation.cli import app

    found: dict[tuple[str, ...], tuple[str, ...]] = {}

    def walk(command, path: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*path, name))
        if not hasattr(command, "commands"):
            found[path] = tuple(o for p in command.params for o in p.opts if o.startswith("-"))

    walk(typer.main.get_command(app), ())
    return found


NOT_RUN = {
    "--exec": "starts a program of the user's choice: see the tests of the driver",
    "--output": "would write where the words say",
    "--out": "would write where the words say",
    "--json": "a file, for one command",
    "--markdown": "would write where the words say",
    "--picture": "would write where the words say",
    "--report": "would write where the words say",
    "--record": "would write where the words say",
}  # fmt: skip
"""Options that the fuzzer leaves out, and why."""

REFUSED = ("--level=nan", "--level=word", "--digits=1", "--points=0", "--seed=word", "--random=-1")
"""What ends a long command before it begins, where it knows the option."""


def command_line(random: Random) -> list[str]:
    """Draw a command with words in the place of its options and arguments.

    A word that the command does not know is last, so that nothing long is ever begun.
    """
    path = random.choice(list(options()))
    known = [o for o in options()[path] if o not in NOT_RUN and o.startswith("--")]
    words = [*path]
    for _ in range(random.randrange(5)):
        option = random.choice(known) if known else "--none"
        words.append(f"{option}={WORDS(random)}" if random.randrange(4) else option)
        if random.randrange(6) == 0:
            words.append(WORDS(random))
    last = [o for o in REFUSED if o.split("=")[0] in known]
    return [*words, random.choice([*last, "--no-such-option"])]


def typed(words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        done = qbval_here(*words, cwd=directory)
        assert not os.listdir(directory)
    _plain(done)
    if done.returncode == 2:
        assert done.stderr.strip(), "bad input without a word"


def _plain(done) -> None:
    assert done.returncode in CODES, done.returncode
    assert "Traceback" not in done.stderr


# Not `report`: it draws figures of its own for half a minute, whatever the record says.
QUICK = {
    "evaluate": ("evaluate", "--digits", "15", "--file"),
    "sweep": ("sweep", "--processes", "1", "--file"),
    "optimize": ("optimize", "--points", "9", "--file"),
    "compare": ("compare",),
    "export": ("conformance", "export", "--table"),
    "regimes": ("conformance", "export", "--list-regimes", "--table"),
    "check": ("conformance", "check"),
    "show": ("reference", "show", "--table"),
}


def given_file(given: tuple[str, bytes]) -> None:
    name, content = given
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "given").write_bytes(content)
        more = ["given"] if name == "compare" else []
        _plain(qbval_here(*QUICK[name], "given", *more, cwd=directory))


def drawn_file(random: Random) -> tuple[str, bytes]:
    name = random.choice(list(QUICK))
    kind: Draw
    match name:
        case "compare":
            kind = documents(records)
        case "export" | "show" | "regimes":
            kind = documents(tables)
        case "check":
            kind = documents(answers)
        case _:
            kind = files(toml_files)
    return name, kind(random)


ENTRIES = (
    Entry("command lines", ("commands: their words",), command_line, typed),
    Entry("commands with a file", ("commands: their files",), drawn_file, given_file),
)
