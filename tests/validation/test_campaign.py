"""The long campaign over the whole domain, left out of the default run (`pytest -m deep`)."""

from __future__ import annotations

import os

import pytest

from validation.cases import random_cases
from validation.checks import Verdict
from validation.runner import execute, plan

SEEDS = range(1, 11)


@pytest.mark.deep
@pytest.mark.parametrize("seed", SEEDS)
def test_every_check_agrees_on_random_junctions(seed: int) -> None:
    rows = execute(plan(random_cases(seed, 100), digits=20), workers=os.cpu_count() or 1)
    wrong = [row for row in rows if row.verdict in (Verdict.DISAGREED, Verdict.CRASHED)]
    assert rows
    assert not wrong, "\n".join(map(str, wrong))
