"""An unfinished sweep whose files were damaged: what is wrong is computed again, never used."""

import numpy as np
import pytest

import qbnum
from qbnum.sweeps import open_result, partial_path, sweep, sweep_to_file
from tests.slow import few_by_default

JUNCTION = qbnum.Junction.symmetric(level=0.4)
AXES = {"level": np.linspace(-0.5, 1.5, 12), "bias": np.linspace(0, 1, 5)}
BLOCK, DONE = 10, 30


@pytest.fixture(scope="module")
def expected():
    return sweep(JUNCTION, AXES, observables="exergy")


@pytest.fixture
def unfinished(tmp_path):
    """A sweep of 60 points of which half are done."""

    def interrupt(done, total):
        if done == DONE:
            raise KeyboardInterrupt

    path = tmp_path / "map.nc"
    with pytest.raises(KeyboardInterrupt):
        compute(path, interrupt)
    return path


def compute(path, progress=None):
    sweep_to_file(JUNCTION, path, AXES, observables="exergy", block=BLOCK, progress=progress)


def flip(place):
    def damage(data):
        place_there = place % len(data)
        return data[:place_there] + bytes([data[place_there] ^ 1]) + data[place_there + 1 :]

    return damage


DAMAGE = {
    "nothing": ("values.bin", lambda data: data, DONE),
    "a bit of a value": ("values.bin", flip(3), DONE - BLOCK),
    "a bit of an error estimate": ("values.bin", flip(8 * (60 + 25)), DONE - BLOCK),
    "a bit of a mark": ("marks.bin", flip(8), DONE - BLOCK),
    "a bit of a block not done": ("values.bin", flip(8 * 45), DONE),
    "values cut short": ("values.bin", lambda data: data[:-1], 0),
    "no values": ("values.bin", lambda data: b"", 0),
    "no marks": ("marks.bin", lambda data: b"", 0),
    "no settings": ("settings.json", lambda data: b"", 0),
    "half the settings": ("settings.json", lambda data: data[: len(data) // 2], 0),
    "another number in the settings": (
        "settings.json", lambda data: data.replace(b'"block": 10', b'"block": 20'), 0
    ),
    "settings of another kind": ("settings.json", lambda data: b"[1, 2]", 0),
    "settings that are no text": ("settings.json", lambda data: b"\xff\xfe", 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", few_by_default(DAMAGE, 5))
def test_what_is_damaged_is_computed_again(unfinished, expected, kind):
    name, damage, left = DAMAGE[kind]
    file = partial_path(unfinished) / name
    before = file.read_bytes()
    file.write_bytes(damage(before))
    counts = []
    compute(unfinished, lambda *count: counts.append(count))
    assert counts[0] == (left, 60)
    with open_result(unfinished) as found:
        for variable in expected.data_vars:
            np.testing.assert_array_equal(found[variable], expected[variable])
    assert not partial_path(unfinished).exists()


def test_what_a_kill_after_the_end_has_left_is_removed(unfinished):
    kept = {path.name: path.read_bytes() for path in partial_path(unfinished).iterdir()}
    compute(unfinished)
    partial_path(unfinished).mkdir()
    for name, data in kept.items():
        (partial_path(unfinished) / name).write_bytes(data)
    counts = []
    compute(unfinished, lambda *count: counts.append(count))
    assert counts == []
    assert not partial_path(unfinished).exists()
