"""The accuracy campaign: it resumes, depends on its settings alone, and finds what is wrong."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import qbnum
from tests.validation.processes import qbval, qbval_here
from validation.campaign import certified, draws, run
from validation.campaign.run import count_parts, run_campaign
from validation.campaign.summary import FORMAT, GOAL, LISTED, Settings, agreed
from validation.campaign.symmetric import compare_images
from validation.cases import DEFAULT_SEED
from validation.cases.case import evaluate_command
from validation.commands.campaign import print_summary
from validation.parts import Parts, keeping_parts

STRATA = len(draws.STRATA)
SMALL = Settings(seed=7, junctions=30, certified=2, digits=20)
KEPT = Path(run.__file__).parent / "data" / "summary.json"


def too_sure(junction: qbnum.Junction, **options: Any) -> qbnum.SteadyState:
    """Return the steady state with error estimates a million times too small."""
    state = qbnum.steady_state(junction, **options)
    small = {name: 1e-6 * error for name, error in state.error_estimate.items()}
    return dataclasses.replace(state, error_estimate=MappingProxyType(small))


def wrong_current(junction: qbnum.Junction, **options: Any) -> qbnum.SteadyState:
    """Return the steady state with a charge current whose sign an exchange of leads keeps."""
    state = qbnum.steady_state(junction, **options)
    values = dict(state._values) | {"charge_current": np.abs(state.charge_current)}
    return dataclasses.replace(state, _values=MappingProxyType(values))


def moody(junction: qbnum.Junction, **options: Any) -> qbnum.SteadyState:
    """Return the steady state, or fail for one junction in its own way."""
    if np.any(np.asarray(junction.level) == draws.draw(7, 3).parameters["level"]):
        raise FloatingPointError("out of sorts")
    return qbnum.steady_state(junction, **options)


def silent(junction: qbnum.Junction, **options: Any) -> qbnum.SteadyState:
    """Return the steady state with NaN for one junction."""
    state = qbnum.steady_state(junction, **options)
    spoilt = np.asarray(junction.level) == draws.draw(7, 3).parameters["level"]
    values = dict(state._values) | {"energy": np.where(spoilt, np.nan, state.energy)}
    return dataclasses.replace(state, _values=MappingProxyType(values))


def test_the_first_draws_are_those_of_any_campaign_and_lie_in_every_stratum() -> None:
    some = [draws.draw(7, number) for number in range(2 * STRATA)]
    assert [d.stratum for d in some] == [*draws.STRATA] * 2
    assert some[5] == draws.draw(7, 5) != draws.draw(8, 5)
    junction, occupation = draws.joined(some)
    assert junction.shape == occupation.shape == (2 * STRATA,)
    assert all(junction.at(k) == d.junction for k, d in enumerate(some))
    np.testing.assert_array_equal(1.0 - (1.0 - occupation), occupation)


def test_the_draws_reach_the_corners_of_the_domain() -> None:
    some = [draws.draw(DEFAULT_SEED, number) for number in range(60 * STRATA)]
    p = {name: np.array([d.parameters[name] for d in some]) for name in some[0].parameters}
    h = np.maximum(p["left.hopping"], p["right.hopping"])
    v, T = p["left.coupling"] / p["left.hopping"], p["left.temperature"] / h
    ends = {
        (side, k): p[f"{side}.onsite"] + k * 2 * p[f"{side}.hopping"]
        for side in ("left", "right")
        for k in (-1, 1)
    }
    assert (v == 0).any()
    assert v[v > 0].min() < 1e-7
    assert v.max() > 5
    assert T.min() < 1e-7
    assert T.max() > 500
    assert (ends["left", 1] < ends["right", -1]).any()
    assert (ends["left", 1] == ends["right", -1]).any()
    assert any((p["level"] == end).any() for end in ends.values())
    assert any((p["mu_eq"] == end).any() for end in ends.values())
    relative = np.abs(p["left.mu"] - p["mu_eq"]) / p["temperature_eq"]
    assert (relative == 0).any()
    assert relative[relative > 0].min() < 1e-10
    assert relative.max() > 1e3
    states = qbnum.bound_states(draws.joined(some)[0]).count
    assert {0, 1, 2} <= set(states.tolist())


@pytest.mark.deep
def test_the_summary_depends_on_the_settings_alone(tmp_path: Path) -> None:
    arguments = ["run", "--deep", "--seed", 7, "--random", 30, "--certified", 2]
    first = qbval(*arguments, "--workers", 2, "--output", tmp_path / "first.json")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Do the error estimates cover the true errors?")
    assert "Agreed: 34 of 34 certified errors are within their estimates" in first.stdout
    found = json.loads((tmp_path / "first.json").read_text())
    assert found == run_campaign(SMALL, Parts())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["first.json"]


@pytest.mark.slow
def test_an_interrupted_campaign_goes_on_from_its_parts(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(run, "IMAGES_PART", 10)
    monkeypatch.setattr(run, "CERTIFIED_PART", 1)
    total, path, made = count_parts(SMALL), tmp_path / "parts", []

    def interrupt() -> None:
        made.append(1)
        if len(made) == 3:
            raise KeyboardInterrupt

    assert total == 5
    with pytest.raises(KeyboardInterrupt), keeping_parts(path) as parts:
        run_campaign(SMALL, parts, advance=interrupt)
    with keeping_parts(path) as parts:
        assert len(parts) == 3
        summary = run_campaign(SMALL, parts)
    with keeping_parts(path) as parts:
        assert len(parts) == total
    monkeypatch.undo()
    assert json.dumps(summary) == json.dumps(run_campaign(SMALL, Parts()))


def test_an_estimate_that_understates_the_error_is_found_and_listed() -> None:
    summary = run_campaign(SMALL, Parts(), evaluate=too_sure)
    coverage = summary["coverage"]["comparisons"]
    assert not agreed(summary)
    assert coverage["covered"] < coverage["compared"] == 2 * len(qbnum.OBSERVABLES)
    assert summary["symmetries"]["exchange"]["outside"] > 0
    by_enclosure = [f for f in summary["failures"] if f["check"] == "enclosure"]
    assert by_enclosure
    assert len(summary["failures"]) <= LISTED
    worst = by_enclosure[0]
    one = draws.draw(SMALL.seed, worst["number"])
    assert worst["ratio"] > 1
    assert worst["command"] == evaluate_command(one.parameters, one.occupation)


def test_a_broken_symmetry_is_found() -> None:
    found = compare_images(7, 0, STRATA, wrong_current)
    broken = {check for _, check, name, _ in found["failures"] if name == "charge_current"}
    assert {"exchange", "particle-hole"} <= broken
    assert not compare_images(7, 0, STRATA)["failures"]


def test_a_campaign_may_have_no_certified_part_but_not_nothing(tmp_path: Path) -> None:
    assert agreed(run_campaign(Settings(7, 10, 0, 20), Parts()))
    done = qbval_here("run", "--deep", "--random", 0, "--certified", 0, cwd=tmp_path)
    assert done.returncode == 2
    assert "nothing would be compared" in done.stderr


def test_a_crash_is_isolated_and_fails_the_campaign() -> None:
    found = compare_images(7, 0, 8, moody)
    assert found["problems"] == [(3, "crashed", "FloatingPointError: out of sorts")]
    assert found["checks"]["scale"]["ordinary"]["compared"] == len(qbnum.OBSERVABLES)
    assert certified.compare_certified(7, 3, 4, 20, moody)["problems"] == found["problems"]
    assert compare_images(7, 2, 5, silent)["problems"] == [
        (3, "crashed", "FloatingPointError: energy is not finite")
    ]
    summary = run_campaign(Settings(7, 8, 0, 20), Parts(), evaluate=moody)
    assert summary["problems"]["images"] == {"crashed: FloatingPointError": 1}
    assert not agreed(summary)


@pytest.mark.parametrize("option", [["--quick"], ["--only", "bounds"], ["--report", "there"]])
def test_options_of_the_other_run_are_refused(option: list[str], tmp_path: Path) -> None:
    done = qbval_here("run", "--deep", *option, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{option[0]} does not go with --deep" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_number_of_certified_points_belongs_to_the_campaign(tmp_path: Path) -> None:
    done = qbval_here("run", "--certified", 3, cwd=tmp_path)
    assert done.returncode == 2
    assert "--certified goes with --deep only" in done.stderr


def test_the_kept_summary_is_that_of_a_whole_campaign(capsys: Any) -> None:
    summary = json.loads(KEPT.read_text())
    assert summary["format"] == FORMAT
    assert summary["command"] == Settings(**summary["settings"]).command()
    assert summary["settings"]["junctions"] >= 100_000
    assert summary["settings"]["certified"] >= 5000
    assert agreed(summary)
    assert summary["coverage"]["comparisons"]["share"] >= GOAL
    assert summary["coverage"]["junctions"]["share_at_least"] >= 0.998
    assert set(summary["coverage"]["strata"]) == set(draws.STRATA)
    for check in summary["symmetries"].values():
        assert check["outside"] <= (1 - GOAL) * check["compared"]
    assert not any(summary["problems"].values())
    print_summary(summary)
    shown = capsys.readouterr().out
    assert "Agreed: " in shown
    assert "100.000 %; the goal is 99.900 %" in shown
    assert KEPT.stat().st_size < 100_000


@pytest.mark.deep
def test_a_campaign_of_another_seed_agrees_too() -> None:
    summary = run_campaign(Settings(seed=1, junctions=10_000, certified=500, digits=20), Parts(), 2)
    assert agreed(summary), summary["failures"]
