"""The benchmark of the fast layer: its routes are right, its verdicts computed, its run whole."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp

import qbnum
from benchmarks.fast_layer import judging, record, textbook
from benchmarks.fast_layer.goals import goals
from benchmarks.fast_layer.judging import Judged
from benchmarks.fast_layer.measure import RegimeResult
from benchmarks.fast_layer.regimes import PAPER, QUICK, REGIMES
from benchmarks.fast_layer.routes import ROUTES, by_quad
from benchmarks.fast_layer.scaling import Scaled
from validation.cases import corner_cases

ROOT = Path(__file__).resolve().parents[2]
CASES = {case.slug: case for case in corner_cases()}


def parameters(slug):
    return CASES[slug].parameters


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.fast_layer", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
    )


@pytest.mark.parametrize("slug", ["level-1.97", "three-equilibria", "overlapping-bands", "hot-50"])
def test_scalar_vector_array_and_mpmath_integrands_are_the_same_functions(slug):
    p = parameters(slug)
    low, *_, high = textbook.breakpoints(p)
    energies = np.linspace(low, high, 41)[1:-1]
    scalar, vector = textbook.one_by_one(p), textbook.all_at_once(p)
    with np.errstate(all="ignore"):
        rows = textbook.on_grid(p, energies)
    with mp.workdps(30):
        precise = textbook.one_by_one({name: mp.mpf(value) for name, value in p.items()}, mp)
        for k, w in enumerate(map(float, energies)):
            right = [float(precise[name](mp.mpf(w))) for name in textbook.INTEGRALS]
            # f - f_eq and f_L - f_R are differences of numbers up to 1.
            for found in ([f(w) for f in scalar.values()], vector(w), rows[:, k]):
                np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-14)


def test_quad_meets_the_reference_where_nothing_is_hard():
    case = CASES["three-equilibria"]
    found = by_quad(case.parameters)
    errors = judging.judge(
        textbook.combined(found.integrals, case.parameters), judging.right_values(case.junction)
    )
    assert set(errors) == set(qbnum.OBSERVABLES)
    # The gaps are differences of order 1e-2 between numbers of order one.
    assert max(errors.values()) < 1e-11
    assert all(found.claims.values())
    assert set(textbook.costs(found.seconds_each)) == set(qbnum.OBSERVABLES)


def test_break_points_are_the_features_inside_the_spectrum():
    points = textbook.breakpoints(parameters("nested-narrow"))
    assert points == sorted(points)
    assert (points[0], points[-1]) == (-2.0, 2.0)
    for feature in (0.38, 0.42, 0.6, 0.1, 0.4):
        assert min(abs(x - feature) for x in points) < 1e-15
    assert all(-2 <= x <= 2 for x in textbook.breakpoints(parameters("mu-above-band")))


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_every_regime_draws_different_junctions_the_same_each_time(regime):
    drawn = regime.junctions(50)
    assert drawn == regime.junctions(50)
    assert drawn.shape == (50,)
    rows = {tuple(map(float, drawn.at(i).parameters.values())) for i in range(50)}
    assert len(rows) == 50
    names = [one.name for one in regime.sample(quick=False)]
    assert len(names) == len(set(names)) == (6 if regime in PAPER else 3)


def result(regime, quad, numpy, errors=(1e-13, 1e-15)):
    """Return a result with given times in µs and errors of quad and qbnum."""
    judged = {
        name: Judged(dict.fromkeys(qbnum.OBSERVABLES, error))
        for name, error in zip(("quad", "numpy"), errors, strict=True)
    }
    seconds = {"quad": quad * 1e-6, "numpy": numpy * 1e-6}
    return RegimeResult(regime, ["one"], 1, seconds=seconds, judged=judged)


def scaled(points, micro, working):
    return Scaled("numpy", points, micro * 1e-6, 1.0, growth=10.0 + working, results=10.0)


def verdicts(results, sizes):
    found = goals(results, sizes, {"compiled": "not there"})
    assert [goal.met for goal in found if goal.text.startswith("compiled")] == [None]
    return [goal.met for goal in found if goal.text.startswith("numpy")]


def test_goals_are_judged_by_the_slowest_and_the_least_accurate():
    corner = next(regime for regime in REGIMES if regime.group == "corner")
    good = [result(PAPER[0], 8000, 20), result(PAPER[1], 8000, 20), result(corner, 8000, 99)]
    sizes = [scaled(1000, 20, 30), scaled(10**6, 24, 90)]
    assert verdicts(good, sizes) == [True] * 5
    bad = [
        result(PAPER[0], 8000, 15),
        result(PAPER[1], 8000, 21, errors=(1e-15, 2e-15)),
        result(corner, 8000, 91),
    ]
    bad[0].judged["quad"] = bad[1].judged["quad"]
    assert verdicts(bad, [scaled(1000, 20, 30), scaled(10**6, 26, 95)]) == [False] * 5
    # A regime that qbnum refuses has no time, and no goal is met for want of it.
    refused = [*good[:2], replace(good[2], refused={"numpy": "unresolved"})]
    assert verdicts(refused, sizes) == [True, True, False, True, True]


def test_an_error_without_a_number_is_null_in_the_record():
    judged = Judged()
    judged.add({"energy": math.inf, "entropy": 1e-3}, {"energy": True, "entropy": False})
    judged.add({"energy": 0.0, "entropy": 1e-5}, {"energy": True, "entropy": True})
    assert (judged.claimed, judged.silent, judged.answered) == (3, 2, 4)
    written = json.loads(record.to_json({"errors": judged.errors, "speed": (1.5, math.nan)}))
    assert written == {"errors": {"energy": None, "entropy": 1e-3}, "speed": [1.5, None]}


@pytest.mark.deep
def test_a_quick_run_times_and_judges_every_route_and_writes_it_down(tmp_path):
    done = command("--quick", "--regimes", "cold-1e-5", "--profile", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for title in ("Microseconds a point", "Worst relative error", "Where the time goes", "Goals"):
        assert title in done.stdout
    data = json.loads((tmp_path / "fast_layer.json").read_text())
    assert [regime["name"] for regime in data["regimes"]] == [*(r.name for r in PAPER), "cold-1e-5"]
    there = {"numpy", "compiled"} - set(data["missing"])
    for regime in data["regimes"]:
        assert set(regime["seconds"]) == there | {route.name for route in ROUTES}
        assert min(regime["seconds"].values()) > 0
        for engine in there:
            # The goal of the fast layer in all corners.
            assert max(regime["errors"][engine].values()) < 1e-10
            assert regime["speedup"][engine] == pytest.approx(
                regime["seconds"]["quad"] / regime["seconds"][engine]
            )
    cold = data["regimes"][-1]
    # Fermi steps 1e-5 wide escape quad, which does not notice.
    assert max(cold["errors"]["quad"].values()) > 1e-3
    assert cold["claims"]["quad"]["silent"] > 0
    sizes = [one["points"] for one in data["scaling"] if one["engine"] == "numpy"]
    assert sizes == [1_000, 10_000]
    assert sum(row["share"] for row in data["profile"]["numpy"]) == pytest.approx(1.0)
    assert (tmp_path / "fast_layer.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "fast_layer.svg").read_text()


def test_an_unknown_regime_is_bad_input_that_names_the_known_ones():
    done = command("--regimes", "warm")
    assert done.returncode == 2
    assert "warm" in done.stderr
    assert all(regime.name in done.stderr for regime in QUICK)
