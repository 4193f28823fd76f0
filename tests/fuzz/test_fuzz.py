"""Hostile input at every public entry, in small here and in a million inputs by ``-m deep``."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.entries import ENTRIES, SHARES, example
from tests.fuzz.finds import FINDS
from tests.fuzz.inventory import EXEMPT, READERS, callables, readers
from tests.fuzz.judge import judge, watched

COVERED = {name for entry in ENTRIES.values() for name in entry.covers}

FAST = [name for name, share in SHARES.items() if share >= 0.3]
SLOW = [name for name in SHARES if name not in FAST]


def test_every_public_name_has_a_fuzzer_or_a_reason_why_not() -> None:
    public = callables()
    assert public - COVERED - EXEMPT.keys() == set()
    assert EXEMPT.keys() - public == set()
    assert EXEMPT.keys() & COVERED == set()


def test_a_campaign_goes_through_every_entry() -> None:
    assert SHARES.keys() == ENTRIES.keys()


def test_every_reader_of_files_has_a_fuzzer_or_a_reason_why_not() -> None:
    assert readers() == READERS.keys()


@pytest.mark.parametrize("name", FAST)
def test_an_entry_answers_soundly_or_refuses_with_a_reason(name: str) -> None:
    with watched():
        outcomes = {judge(ENTRIES[name], example(name, number)) for number in range(12)}
    assert outcomes <= {"answered", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_an_entry_that_takes_longer_does_so_too(name: str) -> None:
    with watched():
        for number in range(6):
            judge(ENTRIES[name], example(name, number))


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["Lead", "Junction.symmetric", "numbers as text", "answers"]), st.randoms())
def test_drawn_choice_by_choice_they_do_too(name, random) -> None:
    """The same generators, so that hypothesis can shrink what it finds."""
    value = ENTRIES[name].draw(random)
    with watched():
        judge(ENTRIES[name], value)


@pytest.mark.parametrize(("name", "given"), FINDS)
def test_what_was_found_stays_mended(name, given) -> None:
    with watched():
        judge(ENTRIES[name], given)


@pytest.mark.deep
def test_a_million_inputs(tmp_path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--record", str(tmp_path / "fuzz.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
