"""The same bits, in whatever order, in whatever pieces, by however many processes and threads."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qbnum
from tests.validation.processes import qbval_here

SIZE = 48


def junctions():
    """Junctions over several decades: subtle, ordinary and careful ones beside each other."""
    draw = np.random.default_rng(20261128)

    def lead():
        return qbnum.Lead(
            onsite=draw.normal(0, 0.3, SIZE),
            hopping=10 ** draw.uniform(-1, 0.3, SIZE),
            coupling=10 ** draw.uniform(-6, 0.2, SIZE),
            mu=draw.normal(0, 0.5, SIZE),
            temperature=10 ** draw.uniform(-4, 1, SIZE),
        )

    return qbnum.Junction(
        level=draw.normal(0, 1, SIZE), left=lead(), right=lead(),
        mu_eq=draw.normal(0, 0.3, SIZE), temperature_eq=10 ** draw.uniform(-3, 0.5, SIZE),
    )  # fmt: skip


JUNCTIONS = junctions()


def taken(junction, index):
    """Return the junctions with these numbers."""

    def lead(given):
        names = ("onsite", "hopping", "coupling", "mu", "temperature")
        return replace(given, **{name: getattr(given, name)[index] for name in names})

    return qbnum.Junction(
        level=junction.level[index], left=lead(junction.left), right=lead(junction.right),
        mu_eq=junction.mu_eq[index], temperature_eq=junction.temperature_eq[index],
    )  # fmt: skip


def numbers(junction):
    """Return every value and error estimate, one row each."""
    state = qbnum.steady_state(junction, bound_states="exclude")
    values = [getattr(state, name) for name in qbnum.OBSERVABLES]
    errors = [state.error_estimate[name] for name in qbnum.OBSERVABLES]
    return np.array([np.ma.filled(row, np.nan) for row in (*values, *errors)])


WHOLE = None


def whole():
    global WHOLE
    if WHOLE is None:
        WHOLE = numbers(JUNCTIONS)
    return WHOLE


@given(st.permutations(range(SIZE)))
@settings(max_examples=3)
def test_the_order_of_junctions_changes_no_bit(order):
    index = np.array(order)
    np.testing.assert_array_equal(numbers(taken(JUNCTIONS, index)), whole()[:, index])


@pytest.mark.slow
@given(st.lists(st.integers(1, SIZE - 1), max_size=6, unique=True))
@settings(max_examples=3)
def test_the_pieces_change_no_bit(cuts):
    pieces = np.split(np.arange(SIZE), sorted(cuts))
    found = [numbers(taken(JUNCTIONS, piece)) for piece in pieces]
    np.testing.assert_array_equal(np.concatenate(found, axis=1), whole())


@given(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=8))
@settings(max_examples=3)
def test_neighbours_and_repetition_change_no_bit(index):
    np.testing.assert_array_equal(
        numbers(taken(JUNCTIONS, np.array(index))), whole()[:, np.array(index)]
    )


@pytest.mark.slow
def test_the_shape_and_the_layout_in_memory_change_no_bit():
    folded = {
        "two dimensions": np.arange(SIZE).reshape(6, 8),
        "another order in memory": np.asfortranarray(np.arange(SIZE).reshape(6, 8)),
        "strided": np.arange(2 * SIZE)[::2] // 2,
        "backwards": np.arange(SIZE)[::-1],
    }
    for name, index in folded.items():
        found = numbers(taken(JUNCTIONS, index))
        np.testing.assert_array_equal(found, whole()[:, index], err_msg=name)


SCRIPT = """
import sys
import numpy as np
from tests.faults.test_same_bits import JUNCTIONS, numbers
sys.stdout.buffer.write(numbers(JUNCTIONS).tobytes())
"""

THREADS = {
    "one thread": {
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"
    },
    "three threads": {
        "OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3", "NUMBA_NUM_THREADS": "3"
    },
    "another hash seed": {"PYTHONHASHSEED": "7"},
    "no asserts": {"PYTHONOPTIMIZE": "2"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("environment", THREADS.values(), ids=THREADS)
def test_threads_and_hashes_change_no_bit(environment, importing):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, check=True,
        env=importing | environment,
    )  # fmt: skip
    assert done.stdout == whole().tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["compiled"])
def test_threads_of_compiled_code_change_no_bit(engine, importing):
    pytest.importorskip("numba")
    script = (
        "import sys, qbnum\n"
        "from tests.faults.test_same_bits import JUNCTIONS\n"
        f"state = qbnum.steady_state(JUNCTIONS, bound_states='exclude', engine={engine!r})\n"
        "for name in qbnum.OBSERVABLES:\n"
        "    sys.stdout.buffer.write(getattr(state, name).tobytes())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True,
            env=importing | {"NUMBA_NUM_THREADS": count},
        ).stdout
        for count in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte_of_a_command(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = {}
    for count in ("1", "3"):
        place = tmp_path / count
        place.mkdir()
        lines = (
            f"run --only bounds --only sum-rule --case cold-1e-* --workers {count} -o record.json",
            f"reference build --case both-decoupled --case left-decoupled --workers {count} "
            "--output .",
            f"sweep --level -1:1:30 --bias 0:1:20 --block 64 --processes {count} --out map.nc",
        )
        for line in lines:
            done = qbval_here(*line.split(), cwd=place)
            assert done.returncode == 0, done.stderr
        record = json.loads((place / "record.json").read_text())
        assert record.pop("run")["workers"] <= int(count)
        (place / "record.json").write_text(json.dumps(record))
        made[count] = {path.name: path.read_bytes() for path in place.iterdir()}
    assert made["1"] == made["3"]
