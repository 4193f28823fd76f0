"""Whatever the user types: one sentence that names it, exit code 2, nothing written."""

import os

import pytest

from tests.validation.processes import qbval_here

NUMBERS = ["", "nan", "-inf", "1e400", "π", "0xzz", "1,2", ":-1:"]
AXES = ["", "1e400", "word", "1:2", "1:2:", "1:2:1", "1:2:1.5", "1:2:3:4", "1,,2"]
AXES += ["1:2:" + "9" * 5000, "log:", "log:-1:1:3", "1e308:-1e308:3", "nan:1:3"]
BOUNDS = ["", "word", "1:2:3", "1:1", ":", "nan:1"]
WORDS = ["", "[red]π"]

ONE_OPTION = [
    *(("evaluate", "--level", text) for text in NUMBERS),
    *(("evaluate --level 0", "--left-mu", text) for text in ["", "nan"]),
    *(("paper charging", "--level", text) for text in ["", "nan", "word"]),
    *(("paper charging --level 0", "--initial", text) for text in ["", "nan", "2", "-1"]),
    *(("paper charging --level 0", "--time", text) for text in ["", "inf", "0", "-1"]),
    *(("evaluate --level 2.3", "--bound-state", text) for text in ["", "2", "word", "0.1,nan"]),
    *(("sweep", "--level", text) for text in AXES),
    *(("sweep --level 2.3", "--bound-state", text) for text in ["", "2", "x=1", "below=2"]),
    *(("optimize", "--level", text) for text in BOUNDS),
    *(("optimize", "--bound-state", text) for text in ["", "2", "word"]),
    *((f"{command} --level 0", "--coupling", "-1") for command in ("evaluate", "sweep")),
    *((f"{command} --level 0", "--hopping", "0") for command in ("evaluate", "sweep")),
    *((f"{command} --level 0", "--temperature-eq", "0") for command in ("evaluate", "sweep")),
    ("optimize", "--hopping", "-1:1"),
    ("optimize", "--right-temperature", "0"),
    *(("sweep --level 0:1:3", "--zip", text) for text in [*WORDS, "level", "level,level"]),
    *(("sweep --level 0:1:3", "--observables", text) for text in WORDS),
    *(("sweep --level 0:1:3", "--on-error", text) for text in WORDS),
    *(("derive dispersion", "--format", text) for text in WORDS),
    *(("paper figures", "--only", text) for text in WORDS),
    *(("paper figures", "--format", text) for text in WORDS),
    *(("reference build", "--backend", text) for text in WORDS),
    *(("reference build --check", "--case", text) for text in WORDS),
    *(("conformance export", "--regime", text) for text in WORDS),
    *(("conformance export", "--case", text) for text in WORDS),
    *(("conformance check x", "--observable", text) for text in WORDS),
    *(("evaluate --level 0", "--digits", text) for text in ["0", "9" * 5000, "x"]),
    ("sweep --level 0", "--processes", "0"),
    ("sweep --level 0", "--block", "x"),
    ("optimize", "--points", "0"),
    ("paper figures", "--points", "x"),
    *(("conformance check x", "--timeout", text) for text in ["0", "inf"]),
    *(("conformance check x", "--min-digits", text) for text in ["-1", "nan"]),
]

OUTPUTS = {
    "sweep --level 0:1:3 --out": "nc",
    "sweep --level 0:1:3 --picture": "png",
    "optimize --picture": "svg",
    "paper charging --level 0 --out": "csv",
    "paper charging --level 0 --picture": "pdf",
    "derive --all --format latex --output": "tex",
    "conformance export --output": "jsonl",
    "conformance example c --output": "c",
    "conformance check answers.jsonl --json": "json",
    "conformance check answers.jsonl --markdown": "md",
    "conformance check answers.jsonl --picture": "png",
}
"""Commands that write a file, with a suffix that it may have."""

PLACES = {
    "a file as directory": "file/x.",
    "a place where nobody can write": "/proc/x.",
    "a name that is too long": "n" * 300 + ".",
    "a directory": "directory.",
}


def refuse(arguments, cwd):
    """Run a command that must refuse its input, and return its message."""
    before = sorted(cwd.rglob("*"))
    done = qbval_here(*arguments, cwd=cwd)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert "\x1b" not in done.stderr
    assert sorted(cwd.rglob("*")) == before
    return " ".join(done.stderr.split())


@pytest.mark.parametrize(("command", "option", "text"), ONE_OPTION)
def test_a_bad_value_is_refused_by_the_name_of_its_option(command, option, text, tmp_path):
    message = refuse([*command.split(), f"{option}={text}"], tmp_path)
    assert option in message
    if message.startswith("Error: ") and not set(",=:") & set(text):
        assert text in message


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", OUTPUTS)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(command, place, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "answers.jsonl").touch()
    path = PLACES[place] + OUTPUTS[command]
    if place == "a directory":
        if "example" in command:
            pytest.skip("there it may be one")
        (tmp_path / path).mkdir()
    message = refuse([*command.split(), path], tmp_path)
    assert f"{command.split()[-1]} {path!r} " in message
    assert "give a file" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_rights_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    message = refuse(["conformance", "export", "--output", "x.jsonl"], tmp_path)
    assert "Permission denied" in message


WHOLE = [
    ("evaluate --level :-1:", "':-1:'"),
    ("derive word", "'word'"),
    ("derive word:", "'word'"),
    ("derive weak_coupling:exergy:word", "'word'"),
    ("derive weak_coupling:exergy:" + "9" * 5000, "whole number"),
    ("derive --all --limits", "exclude each other"),
    ("derive --measure", "--limits"),
    ("derive --json --format latex", "exclude each other"),
    ("derive --all --format c", "--format"),
    ("paper claims word", "'word'"),
    ("paper errata word", "'word'"),
    ("reference show word", "'word'"),
    ("reference show cold1e8", "cold-1e-8"),
    ("reference show --table none", "none"),
    ("reference export /proc/x", "'/proc/x'"),
    ("reference build --output /proc/x", "--output"),
    ("paper figures --output /proc/x", "--output"),
    ("conformance example word", "'word'"),
    ("conformance check none.jsonl", "'none.jsonl'"),
    ("conformance check .", "'.'"),
    ("conformance check --exec none", "'none'"),
    ("sweep --level 0:1:9999999 --bias 0:1:9999999", "GiB"),
    ("sweep --level 0 --bias 1e308 --mu-eq 1e308", "finite"),
    ("evaluate --level 0 --bias 1e308 --mu-eq 1e308", "--bias"),
    ("paper charging --level 0 --temperature-gradient=-1", "temperature"),
    ("optimize --temperature-gradient=-1", "temperature"),
    ("optimize --maximize word", "'word'"),
    ("optimize --level 0", "searched"),
    ("evaluate --levl 0", "--levl"),
    ("evaluat", "evaluat"),
]


@pytest.mark.parametrize(("line", "named"), WHOLE, ids=[line[:60] for line, _ in WHOLE])
def test_what_does_not_fit_is_refused(line, named, tmp_path):
    assert named in refuse(line.split(), tmp_path)
