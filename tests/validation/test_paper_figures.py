"""The paper's figures: panels as the captions say, data, spot checks, files, page, command."""

import base64
import csv
import dataclasses
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import qbnum
from validation.errors import ParameterError, UnknownNameError
from validation.paper.figures import spot_checks
from validation.paper.figures.data import figure_data, junctions, panel, panel_data, panels, select
from validation.paper.figures.drawing import SHEET, draw_figure, pictures
from validation.paper.figures.files import as_csv, write_data
from validation.paper.figures.page import page

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
ENVIRONMENT |= {"TERM": "dumb", "PYTHONPATH": ":".join(sys.path)}

FEW = 11
"""Points along a curve: the fewest that the command takes."""


@pytest.fixture(scope="module")
def data():
    return {shown.id: figure_data(shown.id, FEW) for shown in panels()}


def test_every_figure_with_data_and_every_panel_of_its_caption_is_there():
    lettered = {4: "abc", 5: "abc", 8: "ab", 15: "ab"} | dict.fromkeys(range(9, 15), "abc")
    expected = [f"{n}{letter}" for n in range(2, 16) for letter in lettered.get(n, [""])]
    assert [shown.id for shown in panels()] == expected
    assert sorted(n for row in SHEET for place in row for n in place) == list(range(2, 16))


def numbers(caption, symbol):
    """Return the values that a caption gives to a symbol."""
    found = re.findall(rf"{symbol}(?: = [μT]_\w+)* = (−?[\d.]+\d|−?\d)", caption)
    return {float(value.replace("−", "-")) for value in found}


BASIS = panel("4a").caption

SYMBOLS = {
    "coupling": "v_α",
    "hopping": "h_α",
    "onsite": "ε_α",
    "mu_eq": "μ_eq",
    "temperature_eq": "T_eq",
}


@pytest.mark.parametrize("shown", panels(), ids=lambda shown: shown.id)
def test_a_panels_parameters_are_those_of_its_caption(shown):
    for name, symbol in SYMBOLS.items():
        # "Other parameters are the same as in Fig. 4", or in Fig. 2 or 9, which agree with it.
        stated = numbers(shown.caption, symbol) or numbers(BASIS, symbol)
        assert shown.parameters[name] in stated
    levels = numbers(shown.caption, "ε_QB")
    for curve in shown.curves:
        assert {*curve.parameters, shown.x} == {"level", "bias", "temperature_gradient"}
        if shown.x != "level":
            assert curve.parameters["level"] in levels
        biases = numbers(shown.caption, "Δμ")
        if biases:
            assert {curve.parameters["bias"]} == biases


@pytest.mark.parametrize(
    ("name", "level"),
    [("4a", -0.2), ("5b", 0.1), ("4c", 0.4), ("9b", 0.1), ("10a", 0.1), ("11c", 0.4),
     ("12a", 0.4), ("13a", -0.2), ("14b", -0.2), ("15a", 0.4), ("15b", -0.2)],
)  # fmt: skip
def test_a_lettered_panel_has_the_regime_of_its_letter(name, level):
    assert {curve.parameters["level"] for curve in panel(name).curves} == {level}


def test_the_couplings_of_fig_8_are_those_of_its_panels():
    assert [panel(name).parameters["coupling"] for name in ("8a", "8b")] == [0.12, 0.06]


@pytest.mark.parametrize("shown", panels(), ids=lambda shown: shown.id)
def test_the_data_are_the_steady_state_along_the_curves(shown, data):
    found = data[shown.id]
    assert dict(found.sizes) == {"curve": len(shown.curves), shown.x: FEW}
    k, i = len(shown.curves) - 1, 3
    x = float(found[shown.x].values[i])
    state = qbnum.steady_state(junctions(shown, shown.curves[k], x))
    for name in shown.observables:
        # A block of points and a single one may differ by rounding in the order of a sum.
        bound = 2 * state.error_estimate[name]
        assert abs(found[name].values[k, i] - getattr(state, name)) <= bound
        assert found[name].attrs["equation"] == qbnum.OBSERVABLES[name].equation
    assert found.attrs["caption"] == shown.caption
    assert shown.chosen[0] in found.attrs["chosen_here"]


def test_a_curves_maximum_is_where_no_neighbour_is_higher(data):
    shown, found = panel("6"), data["6"]
    for k, curve in enumerate(shown.curves):
        place, height = (float(found[n].values[k]) for n in ("maximum_position", "maximum"))
        near = place + np.array([-1e-3, 1e-3])
        assert np.all(qbnum.steady_state(junctions(shown, curve, near)).exergy < height)
        assert height >= found.exergy.values[k].max()


def test_a_maximum_at_the_end_of_the_range_has_no_place():
    # Up to level 0 the exergy at these biases only rises.
    found = panel_data(dataclasses.replace(panel("6"), range=(-0.8, 0.0)), FEW)
    assert np.all(np.isnan(found.maximum_position))
    assert np.array_equal(found.maximum, found.exergy[:, -1])


def test_names_that_do_not_exist_are_refused_with_those_that_do():
    with pytest.raises(UnknownNameError, match="no panel '4'; there are 2, 3, 4a"):
        panel("4")
    with pytest.raises(UnknownNameError, match=r"no figure '16'; .* 2 to 15 and the panels 4a"):
        select(["4", "16"])
    with pytest.raises(ParameterError, match="at least 3"):
        figure_data("2", 2)
    assert [shown.id for shown in select(["8b", "4"])] == ["4a", "4b", "4c", "8b"]


@pytest.fixture(scope="module")
def checked(data):
    """Return one panel's spots with their references: an observable that changes sign."""
    spots = spot_checks.plan("14a", data["14a"])
    ends_and_middle = [s for s in spots if s.curve == 0 and s.x in (0.0, 0.5, 1.0)]
    wanted = spot_checks.wanted(ends_and_middle)
    return ends_and_middle, {j: spot_checks.certified(j, names) for j, names in wanted.items()}


def test_spots_are_spread_over_each_curve_with_its_ends_and_its_extreme(data):
    for name, found in data.items():
        shown = panel(name)
        spots = spot_checks.plan(name, found)
        for k in range(len(shown.curves)):
            at = [spot.x for spot in spots if spot.curve == k]
            assert min(at) == shown.range[0]
            assert max(at) == shown.range[1]
            assert len(set(at)) >= 5
            for o in shown.observables:
                extreme = float(found[shown.x].values[np.argmax(np.abs(found[o].values[k]))])
                assert any(s.x == extreme and s.observable == o and s.curve == k for s in spots)


def test_the_curves_agree_with_the_reference(checked):
    spots, known = checked
    judged = spot_checks.judge(spots, known)
    assert len(judged) == 3
    assert all(row.agreed for row in judged)


def test_a_wrong_number_is_caught(checked):
    spots, known = checked
    # Ten times the tolerance: invisible in a picture.
    wrong = dataclasses.replace(spots[1], value=spots[1].value * (1 + 1e-11))
    judged = spot_checks.judge([spots[0], wrong, spots[2]], known)
    assert [row.agreed for row in judged] == [True, False, True]
    (caught,) = (row for row in judged if not row.agreed)
    assert caught.error == pytest.approx(1e-11, rel=1e-3)


def test_an_error_estimate_that_is_too_small_is_caught(checked):
    spots, known = checked
    wrong = dataclasses.replace(spots[1], value=spots[1].value * (1 + 1e-13), estimate=0.0)
    (row,) = spot_checks.judge([wrong], known)
    assert row.error <= spot_checks.TOLERANCE
    assert not row.honest
    assert not row.agreed


def test_a_value_that_is_no_number_is_caught(checked):
    spots, known = checked
    (row,) = spot_checks.judge([dataclasses.replace(spots[0], value=float("nan"))], known)
    assert not row.agreed


def test_the_spot_checks_are_kept_with_the_data(data, checked, tmp_path):
    judged = spot_checks.judge(*checked)
    write_data(spot_checks.attach(data["14a"], "14a", judged), tmp_path, "14a")
    with xr.open_dataset(tmp_path / "fig14a.nc", engine="h5netcdf") as found:
        assert found.spot_bias.values.tolist() == [row.spot.x for row in judged]
        assert found.spot_reference.values.tolist() == [row.reference for row in judged]
        assert found.attrs["spot_worst_error"] == max(row.error for row in judged)
        assert found.attrs["spot_agreed"] == 1
        assert np.array_equal(found.charge_current, data["14a"].charge_current)


def test_a_table_is_read_back_as_the_same_doubles(data):
    for name in ("8a", "9c"):
        shown, found = panel(name), data[name]
        lines = [line for line in as_csv(found).splitlines() if not line.startswith("#")]
        rows = list(csv.DictReader(lines))
        assert len(rows) == len(shown.curves) * FEW
        for observable in shown.observables:
            values = np.array([float(row[observable]) for row in rows])
            assert np.array_equal(values, found[observable].values.ravel())
        assert {row["curve"] for row in rows} == {curve.label for curve in shown.curves}


def test_the_same_data_give_the_same_files(data, tmp_path):
    contents = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        files = write_data(data["7"], tmp_path / run, "7")
        drawn = pictures(draw_figure([panel("7")], data), (".svg",))
        contents.append([*(path.read_bytes() for path in files), *drawn.values()])
    assert contents[0] == contents[1]


def test_the_page_shows_every_panel_with_caption_and_choices(data):
    numbers_ = sorted({shown.figure for shown in panels()})
    drawings = {number: f"<svg>{number}</svg>".encode() for number in numbers_}
    files = {shown.id: [f"data/{shown.id}.nc"] for shown in panels()}
    text = page(panels(), data, drawings, files, {"4": ["pictures/fig04.pdf"]})
    for number in numbers_:
        assert base64.b64encode(drawings[number]).decode() in text
        assert f"<h2>Figure {number}</h2>" in text
    for shown in panels():
        assert f'id="panel-{shown.id}"' in text
        assert f'href="data/{shown.id}.nc"' in text
    assert "as a function of ΔT (with additional applied bias)" in text
    assert "the curves' Δμ: -0.1, 0, 0.1".replace("'", "&#39;") in text
    assert 'href="pictures/fig04.pdf"' in text
    assert "not checked" in text
    # Nothing is fetched from elsewhere.
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


def qbval(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "validation", "paper", "figures", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=300, env=ENVIRONMENT,
    )  # fmt: skip


@pytest.mark.slow
def test_the_command_writes_a_figure_its_data_and_the_page(tmp_path):
    done = qbval("--only", "3", "--points", FEW, "--format", "png", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    written = sorted(
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    )
    assert written == ["data/fig03.csv", "data/fig03.nc", "index.html", "pictures/fig03.png"]
    row = next(line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["3"])
    assert row[1:4] == ["3", "1", str(FEW)]
    assert float(row[5]) <= spot_checks.TOLERANCE
    assert "all agree within 1e-12" in done.stdout
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}"' in text for name in written if name != "index.html")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "4d"), "--only: no figure '4d'; there are the figures 2 to 15"),
        (("--only", "1"), "--only: no figure '1'"),
        (("--format", "gif"), "--format 'gif' is not a format; there are png, svg, pdf."),
        (("--output", "occupied"), "--output: occupied: File exists."),
    ],
)
def test_bad_input_is_answered_in_one_sentence(tmp_path, monkeypatch, arguments, message):
    from typer.testing import CliRunner

    from validation.cli import app

    monkeypatch.chdir(tmp_path)
    (tmp_path / "occupied").write_text("a file")
    done = CliRunner().invoke(app, ["paper", "figures", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["occupied"]


def test_a_curve_that_disagrees_fails_the_command_and_is_named(tmp_path, monkeypatch, capsys):
    from validation.commands import paper_figures

    def disturbed(name, points):
        found = figure_data(name, points)
        found.equilibrium_entropy.values[0, -1] *= 1 + 1e-9
        return found

    monkeypatch.setattr(paper_figures, "figure_data", disturbed)
    assert paper_figures.run(tmp_path / "out", ["2"], ["png"], FEW, True) == 1
    said = capsys.readouterr().out
    assert "Fig. 2, curve equilibrium, level = 1.2: equilibrium_entropy" in said
    assert "relative error 1.0e-09" in said
    assert "(disagrees)" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.deep
def test_every_curve_of_every_figure_agrees_with_the_reference(tmp_path):
    done = qbval("--points", "41", "--format", "svg", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "all agree within 1e-12" in done.stdout
