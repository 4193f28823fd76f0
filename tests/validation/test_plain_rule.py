"""The balance of the level: it holds, and it misses a current of the wrong size or sign."""

from types import SimpleNamespace

import pytest

from validation.cases import corner_cases
from validation.checks import CHECKS, Context, Verdict

CASES = {case.slug: case for case in corner_cases()}
SLUGS = ("unequal-couplings", "three-equilibria", "cold-off-resonance", "bias-1e-9")


def rows(case, change=lambda name, value: value):
    """Return the check's rows where the currents are changed."""
    context = Context(case)
    right = context.state
    changed = {n: change(n, getattr(right, n)) for n in ("charge_current", "energy_current")}
    context._outcomes["state"] = SimpleNamespace(**changed)
    return list(CHECKS["continuity"].run(context))


@pytest.mark.parametrize("slug", SLUGS)
def test_what_leaves_one_lead_reaches_the_other(slug):
    found = rows(CASES[slug])
    assert [row.observable for row in found] == ["charge_current", "energy_current"] * 2
    assert all(row.verdict is Verdict.AGREED for row in found)
    assert max(row.error for row in found) < 1e-13


@pytest.mark.parametrize("slug", ["unequal-couplings", "three-equilibria"])
@pytest.mark.parametrize("factor", [-1.0, 6.283185307179586, 0.5, 1 + 1e-9])
def test_a_current_of_another_sign_or_size_is_found(slug, factor):
    for wrong in ("charge_current", "energy_current"):
        found = rows(CASES[slug], lambda n, v, wrong=wrong: v * factor if n == wrong else v)
        disagreed = {row.observable for row in found if row.verdict is Verdict.DISAGREED}
        assert disagreed == {wrong}


def test_it_is_made_where_a_plain_rule_resolves_the_junction():
    applies = CHECKS["continuity"].applies
    assert all(applies(CASES[slug]) for slug in SLUGS)
    assert not applies(CASES["weak-1e-6"])
    assert not applies(CASES["strong-two-bound-states"])
