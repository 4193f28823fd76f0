"""Parameters from TOML: the same as from options, overridden by them, refused with their key."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.main import get_command

from tests.validation.processes import qbval_here
from validation.cli import app
from validation.cli_options import LEADS, PROTOCOL
from validation.parameters import ParameterFileError, read_parameters, schema

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def with_file(tmp_path):
    """Run a command with ``--file`` of this text."""

    def run(text, *arguments):
        (tmp_path / "x.toml").write_text(text, encoding="utf-8")
        return qbval_here(*arguments, "--file", "x.toml", cwd=tmp_path)

    return run


def inputs(done):
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)["inputs"]
    return {name: float.fromhex(value["hex"]) for name, value in found.items()}


def test_the_schema_is_a_schema_and_knows_every_parameter():
    Draft202012Validator.check_schema(schema())
    for command in ("evaluate", "sweep", "optimize", "charging"):
        properties = schema()["$defs"][command]["properties"]
        assert set(PROTOCOL) <= set(properties)
    for lead in ("lead", "lead_axes", "lead_bounds"):
        names = schema()["$defs"][lead]["properties"]
        assert {f"{side}_{name}" for side in ("left", "right") for name in names} == set(LEADS)


def test_a_file_gives_a_junction_and_an_option_overrides_it(with_file):
    text = 'level = 0.4\nbias = "0x1p-2"\ndigits = 15\n[right]\ncoupling = 0.3\nmu = 0\n'
    found = inputs(with_file(text, "evaluate", "--bias", "0.5", "--left-onsite", "0.2", "--json"))
    assert found["level"] == 0.4
    assert found["left.mu"] == 0.1 + 0.5
    assert (found["left.onsite"], found["right.onsite"]) == (0.2, 0.0)
    assert (found["left.coupling"], found["right.coupling"]) == (0.12, 0.3)
    assert found["right.mu"] == 0


def test_a_file_and_options_of_the_same_values_print_the_same(with_file, tmp_path):
    text = 'level = "2.3"\nbias = 0.25\nbound_state = 0.3\ndigits = 15\n[left]\ncoupling = 0.1\n'
    options = "--level 2.3 --bias 0.25 --bound-state 0.3 --digits 15 --left-coupling 0.1"
    assert with_file(text, "evaluate").stdout == qbval_here("evaluate", *options.split()).stdout


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_are_read_exactly(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "exact.toml"
    path.write_text(f"level = {value!r}\n[left]\nmu = '{value.hex()}'\n")
    found = read_parameters(path, "evaluate")
    assert float(found["level"].given) == value
    assert float.fromhex(found["left_mu"].given) == value
    assert found["left_mu"].key == "left.mu"


KEYS = st.sampled_from([*PROTOCOL, "left", "right", "zip", "bound_state", "digits", "maximize"])
SCALARS = (
    st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="ascii"), max_size=5)
)
FLAT = SCALARS | st.lists(SCALARS, max_size=3)
VALUES = FLAT | st.lists(FLAT, max_size=3) | st.dictionaries(KEYS, FLAT, max_size=3)


def toml(value):
    """Return a value as TOML has it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return repr(value)


@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.sampled_from(["evaluate", "sweep", "optimize", "charging"]),
)
def test_whatever_a_file_says_is_read_or_refused(tmp_path_factory, content, command):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in content.items()))
    assert len(tomllib.loads(path.read_text())) == len(content)
    try:
        found = read_parameters(path, command)
        message = ""
    except ParameterFileError as error:
        found, message = {}, str(error)
    assert {value.key.split(".")[0] for value in found.values()} <= set(content)
    assert message == "" or re.match(r".*any\.toml: (unknown key|.* = .*; give )", message, re.S)


@pytest.mark.parametrize("text", ["level = " + "9" * 5000, "level = " + "[" * 5000])
def test_a_file_that_is_too_much_is_no_toml(text, with_file):
    done = with_file(text, "evaluate")
    assert done.returncode == 2
    assert "not TOML" in done.stderr


def test_the_shipped_examples_run():
    level = tomllib.loads((EXAMPLES / "junction.toml").read_text())["level"]
    found = inputs(
        qbval_here("evaluate", "--file", EXAMPLES / "junction.toml", "--digits", "15", "--json")
    )
    assert found["level"] == level
    assert found["right.temperature"] == 0.125
    done = qbval_here("sweep", "--file", EXAMPLES / "sweep.toml", "--level", "0:1:3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert data["sizes"] == {"level": 3, "left_coupling": 3}
    assert list(data["observables"]) == ["exergy", "entropy", "charge_current"]


def test_a_sweep_takes_lists_ranges_policies_and_axes_that_vary_together(with_file, tmp_path):
    text = (
        'level = [-2.6, 2.6]\nbias = "0:1:2"\nobservables = ["exergy"]\nzip = [["level", "bias"]]\n'
        "on_error = 'raise'\nblock = 1\n[bound_state]\nbelow = 0.9\nabove = 0.2\n"
    )
    options = (
        "--level=-2.6,2.6 --bias 0:1:2 --observables exergy --zip level,bias "
        "--bound-state below=0.9,above=0.2 --json"
    )
    expected = json.loads(qbval_here("sweep", *options.split()).stdout)
    done = with_file(text, "sweep", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == expected
    assert expected["sizes"] == {"level": 2}


def test_a_search_takes_bounds_and_the_command_line_may_turn_it_round(with_file):
    text = 'level = [0, 1]\nbias = "0.5"\nmaximize = "exergy"\npoints = 9\ndigits = 10\n'
    done = with_file(text, "optimize", "--minimize", "entropy", "--no-certify", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert (data["objective"], data["goal"]) == ("entropy", "minimum")
    assert data["bounds"] == {"level": [0.0, 1.0]}
    again = with_file(text, "optimize", "--no-certify", "--json")
    assert json.loads(again.stdout)["objective"] == "exergy"


BAD = [
    ("evaluate", "levl = 1\n", ["x.toml: unknown key levl", "did you mean level"]),
    ("evaluate", "zzz = 1\nlevel = 1\n", ["unknown key zzz", "there are level, coupling"]),
    ("evaluate", "[left]\ncopling = 1\n", ["unknown key left.copling", "did you mean coupling"]),
    ("evaluate", "left = 1\n", ["left = 1", "a table of onsite"]),
    ("evaluate", "level = true\n", ["level = True", "give a number"]),
    ("evaluate", "level = nan\n", ["x.toml: level = 'nan'", "a finite number"]),
    ("evaluate", "level = 1\n[left]\nhopping = 0\n", ["x.toml: left.hopping = '0'", "> 0"]),
    ("evaluate", "level = 1979-05-27\n", ["level = ", "give a number"]),
    ("evaluate", "level = 1\ndigits = 3\n", ["digits = 3", "from 15 to 200"]),
    ("evaluate", "level = 2.3\nbound_state = 2\n", ["x.toml: bound_state = '2'", "0 to 1"]),
    ("evaluate", "level = [1, 2]\n", ["level = [1, 2]", "give a number"]),
    ("evaluate", "level = 1\ntemperature_gradient = -1\n", ["x.toml: temperature_gradient = "]),
    ("evaluate", "bias = 1\n", ["--level"]),
    ("evaluate", "level =\n", ["x.toml", "not TOML", "line 1"]),
    ("sweep", "level = [1]\n", ["level = [1]", "a list of at least two"]),
    ("sweep", 'level = "1:2"\n', ["x.toml: level = '1:2'", "START:STOP:COUNT"]),
    ("sweep", 'zip = ["level"]\n', ["zip[0] = 'level'", "a list of keys"]),
    ("sweep", 'level = "0:1:3"\nzip = [["level", "bais"]]\n', ["x.toml: zip = ", "'bais'"]),
    ("sweep", 'level = 1\non_error = "stop"\n', ["on_error = 'stop'", "'mask' or 'raise'"]),
    ("sweep", "level = 1\n[bound_state]\nabov = 1\n", ["bound_state"]),
    ("optimize", "level = [0, 1, 2]\n", ["level = [0, 1, 2]", "the lower and the upper bound"]),
    ("optimize", "level = [1, 0]\n", ["x.toml: level = '1:0'", "the lower end first"]),
    ("paper charging", "level = 0\n[left]\nmu = 1\n", ["unknown key left"]),
]


@pytest.mark.parametrize(("command", "text", "named"), BAD, ids=[text for _, text, _ in BAD])
def test_what_a_file_says_wrong_is_named_by_its_key(command, text, named, with_file, tmp_path):
    done = with_file(text, *command.split())
    assert (done.returncode, done.stdout) == (2, "")
    for part in named:
        assert part in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.toml"]


def test_what_is_no_file_of_text_is_refused(tmp_path):
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for name in ("none.toml", ".", "binary.toml"):
        done = qbval_here("evaluate", "--file", name, cwd=tmp_path)
        assert done.returncode == 2
        assert f"--file '{name}'" in done.stderr
    with pytest.raises(ParameterFileError, match="binary"):
        read_parameters(tmp_path / "binary.toml", "sweep")


def test_the_charging_takes_a_file_too(tmp_path):
    (tmp_path / "x.toml").write_text("level = 0.4\ninitial = 1\ntime = 20.0\n")
    command = get_command(app).commands["paper"].commands["charging"]
    arguments = ["--file", str(tmp_path / "x.toml"), "--time", "30"]
    found = command.make_context("charging", arguments).params
    assert (found["level"], found["initial"], found["time"]) == ("0.4", "1", "30")


@pytest.mark.parametrize("command", ["evaluate", "sweep", "optimize"])
def test_the_file_that_the_help_shows_is_read(command, tmp_path):
    text = get_command(app).commands[command].help.replace(r"\[", "[")
    shown = text.partition("What a TOML file says[/]")[2].partition("Exit codes")[0]
    (tmp_path / "x.toml").write_text(shown)
    assert "level" in read_parameters(tmp_path / "x.toml", command)
