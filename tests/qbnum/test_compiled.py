"""The compiled engine: NumPy's results but for rounding; and a clear error without numba."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import qbnum
from qbnum import _compiled
from qbnum._geometry import Points
from qbnum._integrate import node_count
from tests.qbnum.strategies import junctions
from validation.cases import Case, corner_cases
from validation.junctions import by_position

needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="numba is not installed: qbval[compiled]"
)

# Each observable's largest difference between the engines, relative to its absolute integral, was
# 1e-14 (the exergies, near 0) over 5e4 random points of the paper's parameters; half of that is
# NumPy's own error.
PAPER_TOLERANCE = 3e-14


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> None:
    """Let one process compile at a time: the others then find the kernels on disk."""
    if importlib.util.find_spec("numba") is None:
        return
    fcntl = pytest.importorskip("fcntl", reason="no file locks on this system")
    with open(Path(tempfile.gettempdir()) / f"qbnum-compiled-{os.getuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        qbnum.steady_state(qbnum.Junction.symmetric(level=0.4, bias=0.5), engine="compiled")


def assert_agree(
    one: qbnum.SteadyState, other: qbnum.SteadyState, tolerance: float | None = None
) -> None:
    """Compare by the absolute integrals, or by the two error estimates."""
    assert one.available == other.available
    for name in one.available:
        a, b = getattr(one, name), getattr(other, name)
        apart = np.ma.filled(np.abs(a - b), 0.0)
        allowed = one.error_estimate[name] + other.error_estimate[name]
        if tolerance is not None:
            allowed = tolerance * other.absolute_integral[name]
        allowed = np.ma.filled(allowed, np.inf)
        worst = np.argmax(apart - allowed)
        assert np.all(apart <= allowed), (
            f"{name}: {np.ravel(a)[worst]!r} and {np.ravel(b)[worst]!r} at {worst}"
        )


def paper(kind: str, n: int = 2000) -> qbnum.Junction:
    """Return random points of the paper's figures."""
    rng = np.random.default_rng(7)
    level, coupling = rng.uniform(-0.5, 1.5, n), rng.uniform(0.02, 0.5, n)
    bias, gradient = rng.uniform(-1.0, 1.0, n), rng.uniform(-0.08, 0.3, n)
    swept = {
        "bias": {"bias": bias},
        "gradient": {"coupling": 0.12, "temperature_gradient": gradient},
        "both": {"coupling": coupling, "bias": bias, "temperature_gradient": gradient},
    }
    return qbnum.Junction.symmetric(level=level, **swept[kind])


@needs_numba
@pytest.mark.parametrize("kind", ["bias", "gradient", "both"])
def test_the_papers_parameters_agree_to_rounding(kind: str) -> None:
    j = paper(kind)
    compiled, plain = (qbnum.steady_state(j, engine=engine) for engine in ("compiled", "numpy"))
    assert_agree(compiled, plain, PAPER_TOLERANCE)


@needs_numba
@pytest.mark.parametrize("kind", ["bias", "gradient", "both"])
def test_the_papers_parameters_are_integrated_by_machine_code(kind: str) -> None:
    from qbnum._compiled import kernels

    with np.errstate(all="ignore"):
        left, _, _ = kernels.integrate_simple(Points.of(paper(kind)), np.zeros((2000, 3)))
    assert left.size <= 5  # of 2000; those nearest to equilibrium need more care


@needs_numba
@pytest.mark.parametrize("case", corner_cases(), ids=lambda case: case.slug)
def test_corners_agree_within_the_estimates(case: Case) -> None:
    filled = by_position(case.junction, case.bound_states)
    assert_agree(
        *(
            qbnum.steady_state(case.junction, bound_states=filled, engine=engine)
            for engine in ("compiled", "numpy")
        )
    )


@needs_numba
@given(j=junctions())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_junction_agrees_within_the_estimates(j: qbnum.Junction) -> None:
    assert_agree(
        *(
            qbnum.steady_state(j, bound_states=0.5, engine=engine)
            for engine in ("compiled", "numpy")
        )
    )


@needs_numba
def test_equal_leads_over_the_whole_domain_agree_within_the_estimates() -> None:
    rng = np.random.default_rng(11)
    n = 400
    hopping, T = 10 ** rng.uniform(-1, 1, n), 10 ** rng.uniform(-5, 1, n)
    mu_eq = hopping * rng.uniform(-3, 3, n)
    reservoirs = [
        (mu_eq + T * rng.choice([-1, 0, 1], n) * 10 ** rng.uniform(-10, 1, n), T * gradient)
        for gradient in (rng.uniform(0.5, 1.5, n), np.ones(n))
    ]
    left, right = (
        qbnum.Lead(0.0, hopping, hopping * 10 ** rng.uniform(-6, 0.3, n), *reservoir)
        for reservoir in reservoirs
    )
    j = qbnum.Junction(hopping * rng.uniform(-3, 3, n), left, right, mu_eq, T)
    assert_agree(
        *(
            qbnum.steady_state(j, bound_states=0.3, engine=engine)
            for engine in ("compiled", "numpy")
        )
    )


@needs_numba
def test_bound_states_agree_within_the_estimates() -> None:
    from qbnum._compiled import kernels

    level = np.linspace(1.9, 3.5, 200)  # beyond the band of [-2, 2]
    j = qbnum.Junction.symmetric(level=level, coupling=0.6, bias=0.5)
    below = qbnum.Junction.symmetric(level=-level, coupling=1.6, temperature_gradient=0.1)
    for junction in (j, below):
        occupation = np.full((200, 3), 0.25)
        with np.errstate(all="ignore"):
            left, _, found = kernels.integrate_simple(Points.of(junction), occupation)
        assert found.present.any(axis=1).sum() > 150
        assert left.size == 0
        for filled in (0.0, 0.25, 1.0, "exclude"):
            compiled, plain = (
                qbnum.steady_state(junction, bound_states=filled, engine=engine)
                for engine in ("compiled", "numpy")
            )
            np.testing.assert_array_equal(compiled.bound_state_weight, plain.bound_state_weight)
            assert_agree(compiled, plain)


@needs_numba
def test_a_point_does_not_depend_on_its_neighbours_nor_on_the_thread() -> None:
    j = paper("both", 300)
    together = qbnum.steady_state(j, engine="compiled")
    with ThreadPoolExecutor(4) as pool:
        alone = list(
            pool.map(lambda k: qbnum.steady_state(j.at(k), engine="compiled"), range(0, 300, 7))
        )
    for name in together.available:
        whole = getattr(together, name)[::7]
        assert [getattr(state, name) for state in alone] == whole.tolist()


@needs_numba
def test_exponential_and_logarithm_are_right_to_an_ulp() -> None:
    from numba import njit

    from qbnum._compiled import elementary, lanes

    @njit
    def evaluate(x, exp, expm1, log):  # type: ignore[no-untyped-def]
        for k in range(0, x.size, lanes.WIDTH):
            lanes.store(exp, k, elementary.exp(lanes.load(x, k)))
            lanes.store(expm1, k, elementary.expm1(lanes.load(x, k)))
            lanes.store(log, k, elementary.log(lanes.load(exp, k)))

    rng = np.random.default_rng(3)
    x = np.concatenate([rng.uniform(-690, 690, 4000), rng.uniform(-1, 1, 4000)])
    exp, expm1, log = (np.empty_like(x) for _ in range(3))
    evaluate(x, exp, expm1, log)
    # NumPy's own are within one ulp, so that these may be two apart: 3 of 2^-53 at most.
    for found, true in ((exp, np.exp(x)), (expm1, np.expm1(x)), (log, np.log(exp))):
        assert np.abs(found / true - 1.0).max() < 5e-16


def test_the_layout_has_about_110_nodes_for_the_papers_parameters() -> None:
    assert 80 < node_count(paper("bias", 200)) < 130
    assert node_count(paper("bias", 200)) % 0.08 == pytest.approx(0.0, abs=1e-9)  # 16/200


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(qbnum.ParameterError, match="'numpy' and 'compiled'"):
        qbnum.steady_state(qbnum.Junction.symmetric(level=0.4), engine="fortran")  # type: ignore[arg-type]


def run(code: str) -> str:
    """Return what a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_numba_the_error_says_what_to_install() -> None:
    code = """
import sys
sys.modules["numba"] = None  # as if it were not installed
import qbnum
try:
    qbnum.steady_state(qbnum.Junction.symmetric(level=0.4), engine="compiled")
except qbnum.MissingDependencyError as error:
    print(isinstance(error, ImportError), isinstance(error, qbnum.QbnumError), error)
print(qbnum.steady_state(qbnum.Junction.symmetric(level=0.4)).particle_number)
"""
    first, second = run(code).splitlines()
    assert first.startswith("True True")
    assert "pip install 'qbval[compiled]'" in first
    assert 0 < float(second) < 1


def test_neither_qbnum_nor_numpys_engine_imports_numba() -> None:
    code = """
import sys, qbnum
qbnum.steady_state(qbnum.Junction.symmetric(level=0.4))
print(sorted({name.partition(".")[0] for name in sys.modules} & {"numba", "llvmlite"}))
"""
    assert run(code).strip() == "[]"


@needs_numba
def test_machine_code_is_used_where_it_is_asked_for_and_only_there(monkeypatch) -> None:
    loaded = []
    load = _compiled.load
    monkeypatch.setattr(_compiled, "load", lambda: loaded.append("compiled") or load())
    qbnum.steady_state(paper("bias", 2))
    assert loaded == []
    qbnum.steady_state(paper("bias", 2), engine="compiled")
    assert loaded == ["compiled"]
