"""Files and parts on disks that are full, read-only or damaged, and under several writers."""

import json
import math
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.disks import small_disk  # noqa: F401
from validation.files import is_stream, locked, try_writing, write_atomically
from validation.parts import PartsError, keeping_parts, parts_path

OLD, NEW = b"old " * 10_000, b"new " * 10_000


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "table.json"
    for content in (OLD, NEW, "ends: ε"):
        write_atomically(path, content)
    assert path.read_text("utf-8") == "ends: ε"
    try_writing(path)
    assert names(tmp_path) == ["table.json"]


def test_on_a_full_disk_the_old_file_stays_and_nothing_else_is_left(small_disk):  # noqa: F811
    path = small_disk / "table.json"
    write_atomically(path, OLD)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"x" * 10_000_000)
    assert path.read_bytes() == OLD
    assert names(small_disk) == ["table.json"]


def test_what_a_killed_writer_has_left_is_taken_over(tmp_path):
    path = tmp_path / "table.json"
    (tmp_path / ".table.json.new").write_bytes(b"half of some other conte")
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert names(tmp_path) == ["table.json"]


def test_a_link_stays_one_and_a_device_is_written_to(tmp_path):
    write_atomically(tmp_path / "table.json", OLD)
    (tmp_path / "link").symlink_to("table.json")
    write_atomically(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "table.json").read_bytes() == NEW
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    write_atomically(tmp_path / "pipe", NEW)
    assert reader.communicate()[0] == NEW
    assert is_stream(tmp_path / "pipe")
    assert parts_path(tmp_path / "pipe") is None


WRITER = """
import sys
from pathlib import Path
from validation.files import write_atomically
text = sys.argv[2] * 50_000
print("ready", flush=True)
while True:
    write_atomically(Path(sys.argv[1]), text)
"""


def begin(script, *arguments):
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    return process


def test_several_writers_who_are_killed_never_show_half_a_file(tmp_path):
    path = tmp_path / "table.json"
    write_atomically(path, "c" * 50_000)
    wholes = {letter * 50_000 for letter in "abc"}
    for delay in (0.01, 0.02, 0.03):
        writers = [begin(WRITER, path, letter) for letter in "ab"]
        deadline = time.monotonic() + delay
        while time.monotonic() < deadline:
            assert path.read_text() in wholes
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        assert path.read_text() in wholes
        assert names(tmp_path) in (["table.json"], [".table.json.new", "table.json"])


KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(KEYS.map(json.dumps), KEYS, max_size=5))
def test_parts_come_back_as_they_were_kept(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("parts") / "x.parts"
    with keeping_parts(path) as parts:
        for key, value in data.items():
            assert parts.keep(key, value) == value
    with keeping_parts(path) as parts:
        assert len(parts) == len(data)
        for key, value in data.items():
            assert key in parts
            assert parts[key] == value
    assert path.exists() == bool(data)


def test_doubles_come_back_to_the_last_bit(tmp_path):
    numbers = [0.1, 5e-324, -0.0, math.inf, math.nan, 1.7976931348623157e308, 2**0.5]
    with keeping_parts(tmp_path / "x.parts") as parts:
        assert list(map(repr, parts.keep("x", numbers))) == list(map(repr, numbers))
    with keeping_parts(tmp_path / "x.parts") as parts:
        assert list(map(repr, parts["x"])) == list(map(repr, numbers))


def keep_three(path):
    with keeping_parts(path) as parts:
        for key in range(3):
            parts.keep(key, {"value": key + 0.5})
    return path.read_bytes()


def test_no_damaged_byte_is_ever_used(tmp_path):
    """Every byte in turn is changed: at most one part is lost, and none is wrong."""
    path = tmp_path / "x.parts"
    whole = keep_three(path)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with keeping_parts(path) as parts:
            there = [key for key in range(3) if key in parts]
            # A line's end that is gone joins it with the next.
            assert len(there) >= (1 if whole[place : place + 1] == b"\n" else 2)
            assert all(parts[key] == {"value": key + 0.5} for key in there)


def test_a_file_that_was_cut_short_anywhere_goes_on(tmp_path):
    path = tmp_path / "x.parts"
    whole = keep_three(path)
    ends = [k + 1 for k in range(len(whole)) if whole[k : k + 1] == b"\n"]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        with keeping_parts(path) as parts:
            assert len(parts) == sum(end <= length for end in ends)
            parts.keep("more", 1)
        with keeping_parts(path) as parts:
            assert parts["more"] == 1
            assert len(parts) == sum(end <= length for end in ends) + 1


def test_an_interrupt_just_after_the_first_part_was_written_does_not_cost_it(tmp_path, monkeypatch):
    path = tmp_path / "x.parts"

    def interrupted(descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as signalled:
        signalled.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt), keeping_parts(path) as parts:
            parts.keep("first", 1)
    with keeping_parts(path) as parts:
        assert parts["first"] == 1


def test_a_full_disk_costs_the_part_that_did_not_fit(small_disk):  # noqa: F811
    path = small_disk / "x.parts"
    with keeping_parts(path) as parts:
        parts.keep("small", 1)
        with pytest.raises(PartsError, match="No space left"):
            parts.keep("large", "x" * 10_000_000)
        assert "large" not in parts
        parts.keep("small again", 2)
    with keeping_parts(path) as parts:
        assert (parts["small"], parts["small again"], len(parts)) == (1, 2, 2)


HOLDER = """
import sys, time
from pathlib import Path
from validation.parts import keeping_parts
with keeping_parts(Path(sys.argv[1])) as parts:
    parts.keep("mine", 1)
    print("ready", flush=True)
    time.sleep(600)
"""


def test_parts_are_one_process_s_alone_until_it_ends_however_that_is(tmp_path):
    path = tmp_path / "x.parts"
    holder = begin(HOLDER, path)
    with pytest.raises(PartsError, match="another process"), keeping_parts(path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with keeping_parts(path) as parts:
        assert parts["mine"] == 1
        parts.remove()
    assert names(tmp_path) == []


def test_without_a_place_parts_are_kept_for_the_moment_only():
    with keeping_parts(None) as parts:
        assert parts.keep(1, [2]) == [2]
        assert 1 in parts
        parts.remove()


def test_a_lock_is_not_that_of_a_file_which_is_gone(tmp_path):
    path = tmp_path / "x"
    with locked(path):
        path.unlink()
    with locked(path) as file:
        file.write(b"1")
    assert path.read_bytes() == b"1"
