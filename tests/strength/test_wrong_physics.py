"""Every seeded mistake is caught by two independent checks, and the table says by which."""

import subprocess
import sys

import pytest

from tests.strength.planting import ROOT, path_of
from tests.strength.plants import PLANTS, altered
from tests.strength.wrong_physics import GUARD, ROUTES, TABLE, page
from validation.checks import CHECKS

ROWS = [
    line
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| qb") or line.startswith("| reference")
]


def planted(text):
    """Return the rows of the mistakes whose layer and name have the text, planted anew."""
    command = [sys.executable, "-m", "tests.strength.wrong_physics", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.layer}: {plant.name}")
def test_every_mistake_can_still_be_planted(plant):
    sources = {m: path_of(m).read_text(encoding="utf-8") for m, _, _ in plant.edits}
    for module, source in altered(plant, sources).items():
        assert source != sources[module]
        compile(source, module, "exec")


def test_the_table_has_every_mistake_and_two_routes_for_each():
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in ROWS]
    assert [(layer, name) for layer, name, *_ in cells] == [(p.layer, p.name) for p in PLANTS]
    assert TABLE.read_text(encoding="utf-8") == page(ROWS)
    for _, name, count, shown in cells:
        routes = {route.split(" (")[0] for route in shown.split("; ")}
        assert routes <= {*ROUTES, GUARD}
        assert int(count) == len(routes) >= 2, name


def test_the_routes_are_made_of_checks_that_exist_and_share_none():
    names = [name for checks in ROUTES.values() for name in checks]
    assert len(set(names)) == len(names)
    assert set(names) <= set(CHECKS)


@pytest.mark.slow
def test_a_planted_mistake_is_caught_as_the_table_says():
    rows = planted("qbnum: gaps with the opposite sign")
    assert rows
    assert set(rows) <= set(ROWS)


@pytest.mark.deep
@pytest.mark.parametrize("layer", ["qbnum", "reference", "qbsym"])
def test_all_planted_mistakes_are_caught_as_the_table_says(layer):
    assert planted(f"{layer}: ") == [row for row in ROWS if row.startswith(f"| {layer} ")]
