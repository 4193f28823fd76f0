"""Killed at random moments and begun again, long commands end as undisturbed ones do."""

import json
import random
import time

import pytest

from tests.faults.killing import Campaign, in_proc, kill_until

pytestmark = in_proc

COMMANDS = {
    "reference build": (
        "reference build --case *decoupled --case level-* --digits 30 --output . --workers",
        ["reference.json", "cases.csv", "values.csv"],
    ),
    "run": (
        "run --only sum-rule --only bounds --case cold-1e-* --case weak-1e-* --digits 20 "
        "--output record.json --workers",
        ["record.json"],
    ),
    "sweep": (
        "sweep --level -0.5:1.5:40 --bias 0:1:100 --block 100 --observables exergy --out map.nc "
        "--processes",
        ["map.nc"],
    ),
    "sweep to csv": (
        "sweep --level -0.5:1.5:40 --bias 0:1:100 --block 100 --observables exergy --out map.csv "
        "--processes",
        ["map.csv"],
    ),
}
"""Command and result; what is missing at the end is the number of workers."""

PROGRAMS = {"reference build": "tests.faults.without_conditions"}


def content(directory, names):
    """Return the bytes of the files, without the record's entry that tells one run from another."""
    there = [name for name in names if (directory / name).exists()]
    found = {name: (directory / name).read_bytes() for name in there}
    if "record.json" in found:
        record = json.loads(found["record.json"])
        del record["run"]
        found["record.json"] = json.dumps(record).encode()
    return found


def endure(tmp_path, name, seed, kills):
    """Kill a command so often, and hold every result against the undisturbed one's."""
    words, files = COMMANDS[name]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    campaigns = []
    for directory, workers in ((whole, "1"), (broken, "2")):
        directory.mkdir()
        campaigns.append(
            Campaign([*words.split(), workers], directory, PROGRAMS.get(name, "validation"))
        )
    undisturbed, campaign = campaigns
    started = time.monotonic()
    undisturbed.finish()
    # Killed at any moment of what an undisturbed run takes.
    longest = time.monotonic() - started
    expected = content(whole, files)
    names = {path.name for path in whole.iterdir()}

    def check():
        found = content(broken, files)
        assert found.items() <= expected.items()
        # Nothing else is left, once all is done.
        return found == expected and {path.name for path in broken.iterdir()} == names

    def clear():
        for path in broken.iterdir():
            path.unlink()

    done = kill_until(campaign, random.Random(seed), kills, longest, check, clear)
    print(f"{name}: {dict(campaign.kills)}, ended with {dict(campaign.ends)}, done {done} times")


@pytest.mark.slow
def test_a_sweep_killed_a_few_times_ends_with_the_same_bytes(tmp_path):
    endure(tmp_path, "sweep", seed=1, kills=3)


@pytest.mark.deep
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_a_hundred_times_ends_with_the_same_bytes(tmp_path, name):
    endure(tmp_path, name, seed=20261128, kills=100)
