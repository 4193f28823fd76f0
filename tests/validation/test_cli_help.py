"""Every command teaches: examples that parse, exit codes, panels; and the shell completes names."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from tests.validation.processes import qbval_here
from validation.cli import app
from validation.clihelp import help_text

ROOT = Path(__file__).resolve().parents[2]


def leaves(command, path=()):
    """Yield the words and the command of every leaf of the tree."""
    for name, child in getattr(command, "commands", {}).items():
        yield from leaves(child, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command


COMMANDS = {" ".join(path): command for path, command in leaves(get_command(app))}


def examples(text):
    """Return the arguments of each example, up to a comment, a pipe or a redirection."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        ends = [words.index(sign) for sign in ("|", ">", "<") if sign in words]
        if words and words[0] == "qbval":
            found.append(words[1 : min(ends, default=None)])
    return found


def parse(arguments):
    """Parse a command line, without running it, and return the leaf's name."""
    command, path, rest = get_command(app), [], list(arguments)
    while hasattr(command, "commands"):
        path.append(rest.pop(0))
        command = command.commands[path[-1]]
    command.make_context(path[-1], rest)
    return " ".join(path)


def test_the_walk_of_the_tree_finds_commands_and_commands_of_groups():
    assert {"run", "evaluate", "derive", "sweep", "optimize", "paper figures"} <= set(COMMANDS)
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_parse_and_exit_codes(name, monkeypatch):
    monkeypatch.chdir(ROOT)  # Examples name files of examples/.
    command = COMMANDS[name]
    assert "Examples" in command.help
    codes = command.help.partition("Exit codes: ")[2]
    assert codes.startswith("0 ")
    assert "2 bad input" in codes
    found = examples(command.help)
    assert found
    assert name in {parse(arguments) for arguments in found}


def test_an_example_with_an_option_that_does_not_exist_would_be_noticed():
    with pytest.raises(Exception, match="No such option"):
        parse(["evaluate", "--level", "1", "--levl", "2"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("    qbval run --quick  # two minutes", ["run", "--quick"]),
        ("    qbval derive x --format c > x.c", ["derive", "x", "--format", "c"]),
        ("    qbval conformance export | ./impl", ["conformance", "export"]),
    ],
)
def test_an_example_ends_where_the_shell_ends_it(line, words):
    assert examples(line) == [words]


def test_the_first_help_leads_on():
    text = qbval_here("--help").stdout
    for panel in ("Verify", "Compute", "The paper", "For other implementations"):
        assert panel in text
    for code in ("0  ", "1  ", "2  ", "130  "):
        assert f"\n     {code}" in text
    starts = examples(help_text(get_command(app).help))
    assert {parse(arguments) for arguments in starts} > {"run", "evaluate"}


COMPLETED = [
    ("qbval run --only sum", "sum-rule"),
    ("qbval run --case cold-1e", "cold-1e-8"),
    ("qbval ev", "evaluate"),
    ("qbval evaluate --temp", "--temperature-gradient"),
    ("qbval derive exergy_id", "exergy_identity"),
    ("qbval derive weak_coupling:exergy", "weak_coupling:exergy:2"),
    ("qbval derive x --format mark", "markdown"),
    ("qbval sweep --observables exergy,ent", "exergy,entropy"),
    ("qbval sweep --zip level,bi", "level,bias"),
    ("qbval sweep --on-error r", "raise"),
    ("qbval optimize --maximize exergy_per", "exergy_per_current"),
    ("qbval evaluate --bound-state ex", "exclude"),
    ("qbval paper figures --only 8", "8b"),
    ("qbval paper figures --format s", "svg"),
    ("qbval paper claims exergy-peak", "exergy-peak-at-bias"),
    ("qbval paper errata self", "self-energy-sign"),
    ("qbval reference show cold-1e", "cold-1e-8"),
    ("qbval reference build --backend mp", "mpmath"),
    ("qbval conformance check --regime we", "weak"),
    ("qbval conformance check --observable spectral", "spectral_weight"),
    ("qbval conformance example java", "javascript"),
]


def completions(line, monkeypatch, capsys):
    """Return what the shell is told, by its own protocol, in this process."""
    monkeypatch.setenv("_QBVAL_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    with pytest.raises(SystemExit) as stop:
        app(prog_name="qbval")
    assert stop.value.code == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(("line", "expected"), COMPLETED, ids=[line for line, _ in COMPLETED])
def test_the_shell_completes(line, expected, monkeypatch, capsys):
    found = completions(line, monkeypatch, capsys)
    assert expected in found
    assert all(name.startswith(line.split()[-1]) for name in found)


def test_nothing_is_completed_where_nothing_fits(monkeypatch, capsys):
    assert completions("qbval derive zzz", monkeypatch, capsys) == []


def test_a_process_completes_by_the_protocol_of_bash():
    done = subprocess.run(
        [sys.executable, "-c", "from validation.cli import main; main()"],
        env=os.environ
        | {
            "_QBVAL_COMPLETE": "complete_bash",
            "COMP_WORDS": "qbval paper er",
            "COMP_CWORD": "2",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, ["errata"])


COUNTED = [
    (name, parameter.opts[0], parameter.metavar)
    for name, command in COMMANDS.items()
    for parameter in command.params
    if re.search(r"\bN\b", parameter.metavar or "")
]


@pytest.mark.parametrize(("command", "option", "shown"), COUNTED)
def test_a_whole_number_out_of_the_range_of_the_help_is_named_with_the_range(
    command, option, shown, tmp_path
):
    low, high = (re.search(bound, shown) for bound in (r"(\d+)<=N|N>=(\d+)", r"N<=(\d+)"))
    least = low[1] or low[2]
    domain = f"a whole number from {least} to {high[1]}" if high else f"a whole number >= {least}"
    for text in [str(int(least) - 1), "1.5", *([str(int(high[1]) + 1)] if high else [])]:
        done = qbval_here(*command.split(), f"{option}={text}", cwd=tmp_path)
        message = " ".join(done.stderr.replace("│", " ").split())
        assert done.returncode == 2
        assert f"'{option}': '{text}' is outside its domain; give {domain}" in message
