"""Sweeps through blocks, processes, threads and Dask: the same bits, whoever computes them."""

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
import pytest

import qbnum
from qbnum.sweeps import sweep
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.partial import unstacked
from qbnum.sweeps.recipe import ALL_VARIABLES, BLOCK, recipe_of
from qbnum.sweeps.run import blocks_of, run

BASE = qbnum.Junction.symmetric(level=0.4)
AXES = {
    "level": np.linspace(-0.5, 2.4, 6),
    "left_coupling": ("step", np.geomspace(1e-3, 1.5, 5)),
    "right_coupling": ("step", np.geomspace(1e-2, 0.5, 5)),
    "bias": np.array([0.0, 1e-9, 0.1, 0.5, 1.0, 3.0, 20.0]),
}


@pytest.fixture(scope="module")
def whole():
    """The sweep in one block."""
    return sweep(BASE, AXES)


def assert_identical(found, expected):
    """Demand the same bits in every variable and coordinate, NaNs included, and the same form."""
    assert list(found.data_vars) == list(expected.data_vars)
    assert set(found.coords) == set(expected.coords)
    for name in expected.variables:
        assert found[name].dims == expected[name].dims
        assert found[name].dtype == expected[name].dtype
        np.testing.assert_array_equal(found[name].values, expected[name].values, err_msg=name)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_results_do_not_depend_on_the_blocks(whole, size):
    grid = Grid.of(BASE, AXES, ALL_VARIABLES)
    recipe, grid = recipe_of(
        BASE, grid, observables=None, bound_states="mask", two_state_reference="mean",
        engine=None, on_error="raise",
    )  # fmt: skip
    table = np.full((len(recipe.variables), grid.size), -1.0)

    def keep(block, values):
        table[:, slice(*block)] = values

    # Single points are dear: a part of them will do.
    blocks = blocks_of(grid.size, 1, size)[:: 10 if size == 1 else 1]
    run(recipe, grid, blocks, keep, workers=1, executor=None, report=lambda *_: None)
    done = np.zeros(grid.size, dtype=bool)
    for start, stop in blocks:
        done[start:stop] = True
    for name, values in unstacked(recipe, grid, table).items():
        found, expected = values.ravel()[done], whole[name].values.ravel()[done]
        np.testing.assert_array_equal(found, expected, err_msg=name)


def test_processes_give_the_same(whole):
    assert_identical(sweep(BASE, AXES, workers=2), whole)


def test_threads_give_the_same_and_need_no_processes(whole, monkeypatch):
    def no_processes(count):
        raise AssertionError("processes were asked for")

    # The name in the package is the function's.
    monkeypatch.setattr(import_module("qbnum.sweeps.run"), "processes", no_processes)
    assert_identical(sweep(BASE, AXES, executor="threads", workers=3), whole)


def test_an_executor_of_the_caller_gives_the_same_and_stays_open(whole):
    with ThreadPoolExecutor(2) as pool:
        assert_identical(sweep(BASE, AXES, executor=pool, workers=2), whole)
        assert pool.submit(int, 7).result() == 7


def test_every_point_is_in_one_block_and_every_worker_gets_several():
    for size in (1, 255, 256, 10**5, 10**7):
        for workers in (1, 2, 64):
            blocks = blocks_of(size, workers)
            assert [start for start, _ in blocks[1:]] == [stop for _, stop in blocks[:-1]]
            assert (blocks[0][0], blocks[-1][1]) == (0, size)
            assert max(stop - start for start, stop in blocks) <= BLOCK
            assert workers == 1 or size < 10**5 or len(blocks) > 2 * workers


def test_progress_counts_points_up_to_all_of_them():
    calls = []
    sweep(
        BASE, level=np.linspace(0, 1, 600), executor="threads", workers=2,
        observables="charge_current", progress=lambda *counts: calls.append(counts),
    )  # fmt: skip
    assert (calls[0], calls[-1]) == ((0, 600), (600, 600))
    assert len(calls) == 4
    assert calls == sorted(calls)


def test_a_bar_is_shown_on_stderr_if_asked_for(capsys):
    sweep(BASE, level=[0.1, 0.2], progress=True)
    shown = capsys.readouterr()
    assert "100%" in shown.err
    assert shown.out == ""


def test_an_interrupt_ends_the_processes_and_does_not_wait_for_their_blocks():
    def interrupt(done, total):
        if done:
            raise KeyboardInterrupt

    grid = {"level": np.linspace(-0.5, 1.5, 100), "bias": np.linspace(0, 1, 100)}
    with pytest.raises(KeyboardInterrupt):
        sweep(BASE, grid, workers=2, progress=interrupt)
    # All are dead; the thread that has buried one may still be about to note it.
    deadline = time.monotonic() + 2
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert multiprocessing.active_children() == []


def test_an_error_in_a_worker_is_raised_as_what_it_is():
    with pytest.raises(qbnum.BoundStateError, match="occupation"):
        sweep(BASE, level=np.linspace(0, 3, 20), bound_states="error", workers=2)


def test_lazy_chunks_give_the_same_and_compute_nothing_before(whole):
    dask = pytest.importorskip("dask")
    for chunks in (3, "auto", {"bias": 2, "step": 4}):
        lazy = sweep(BASE, AXES, chunks=chunks)
        assert all(dask.is_dask_collection(lazy[name].data) for name in lazy.data_vars)
        assert lazy.attrs.keys() == whole.attrs.keys()
        assert lazy.attrs["fingerprint"] == whole.attrs["fingerprint"]
        assert_identical(lazy.compute(scheduler="synchronous"), whole)
    assert lazy.exergy.chunksizes == {"level": (6,), "step": (4, 1), "bias": (2, 2, 2, 1)}


def test_a_chunk_is_computed_once_for_all_observables():
    pytest.importorskip("dask")
    lazy = sweep(BASE, level=np.linspace(0, 1, 40), chunks=10)
    tasks = [key[0] for key in dict(lazy.__dask_graph__()) if isinstance(key, tuple)]
    assert sum(name.startswith("block-") for name in tasks) == 4


def test_lazy_sweeps_mask_what_is_not_resolved_and_occupy_what_is_bound():
    pytest.importorskip("dask")
    occupation = np.array([0.2, 0.9, 0.4])
    axes = {"level": np.array([0.4, 2.5, 2.6]), "bias": [0.3]}
    given = {"bound_states": {"above": occupation[:, None]}, "on_error": "mask"}
    lazy = sweep(BASE, axes, chunks=1, **given)
    assert_identical(lazy.compute(scheduler="synchronous"), sweep(BASE, axes, **given))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"chunks": 0}, "at least 1"),
        ({"chunks": {"temperature": 3}}, "level, step, bias"),
        ({"chunks": "big"}, "'auto'"),
        ({"chunks": 3, "workers": 2}, "leave out workers"),
    ],
)
def test_bad_chunks_are_refused(given, message):
    pytest.importorskip("dask")
    with pytest.raises(qbnum.ParameterError, match=message):
        sweep(BASE, AXES, **given)


@pytest.mark.deep
def test_a_cluster_that_loses_a_worker_midway_gives_the_same(tmp_path):
    distributed = pytest.importorskip("distributed")
    grid = {"level": np.linspace(-0.5, 2.4, 24), "bias": np.linspace(0, 1, 20)}
    expected = sweep(BASE, grid)
    with (
        distributed.LocalCluster(
            n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None,
            local_directory=str(tmp_path), silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        before = {worker["pid"] for worker in _workers(client)}
        assert len(before) == 2
        future = client.compute(sweep(BASE, grid, chunks={"level": 1, "bias": 5}))
        killed = _kill_one_that_has_results(client)
        assert not future.done()
        found = future.result(timeout=120)
        assert killed in before
        assert killed not in {worker["pid"] for worker in _workers(client)}
    assert_identical(found, expected)


def _workers(client):
    """Return what each worker says of itself."""
    said = client.run(lambda dask_worker: {"pid": os.getpid(), "results": len(dask_worker.data)})
    return [{"pid": one["pid"], "results": one["results"]} for one in said.values()]


def _kill_one_that_has_results(client):
    """Kill a worker that has finished some blocks, so that they are lost; return its id."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for worker in _workers(client):
            if worker["results"] > 4:
                os.kill(worker["pid"], signal.SIGKILL)
                return worker["pid"]
        time.sleep(0.02)
    raise AssertionError("no worker had any results within a minute")


def test_no_thread_is_left_behind(whole):
    before = threading.active_count()
    sweep(BASE, AXES, executor="threads", workers=2)
    assert threading.active_count() == before
