"""The mutation testing itself: what it plants, where, and what is said of the survivors."""

import subprocess
import sys
import tomllib

import pytest

from tests.strength.mutate import VERDICTS
from tests.strength.planting import ROOT, path_of
from tests.strength.suites import SUITES

PLANTED = """
from tests.strength.planting import path_of, plant
module = "qbnum._statistics"
right = path_of(module).read_text()
plant({module: right.replace("1.0 / (1.0 + e)", "2.0 / (1.0 + e)")})
import qbnum._statistics
print(qbnum._statistics.Fermi.of(0.0).f)
"""


def test_what_is_planted_is_what_is_imported_and_the_file_stays():
    before = path_of("qbnum._statistics").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", PLANTED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(done.stdout) == 1.0
    assert path_of("qbnum._statistics").read_bytes() == before


def test_every_module_and_every_test_of_the_suites_exists():
    for module, suite in SUITES.items():
        assert path_of(module).exists(), module
        for test in (*suite.quick, *suite.others):
            file, _, name = test.partition("::")
            name = name.partition("[")[0]
            assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8"), test


def test_every_survivor_has_a_verdict_and_a_reason():
    for entry in tomllib.loads(VERDICTS.read_text(encoding="utf-8"))["survivor"]:
        assert entry["module"] in SUITES
        assert entry["verdict"] in ("killed since", "equivalent", "harmless", "open")
        assert entry["why"]


def test_a_mutant_differs_in_one_place_which_is_no_annotation():
    pytest.importorskip("cosmic_ray", reason="mutation testing needs cosmic-ray")
    from tests.strength.mutate import mutated, places

    found = places("qbnum.bound")
    assert len({place.key for place in found}) == len(found) > 10
    source = path_of("qbnum.bound").read_text(encoding="utf-8").splitlines()
    for place in found[:5]:
        altered = mutated(place).splitlines()
        different = [
            k + 1 for k, pair in enumerate(zip(source, altered, strict=True)) if len(set(pair)) > 1
        ]
        assert different == [place.line]
