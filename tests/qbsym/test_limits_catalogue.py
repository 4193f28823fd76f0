"""The catalogue of limits: every observable is there or its absence argued; entries are sound."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from sympy import Expr, Float, Integral, Rational, Symbol, oo

import qbsym
from qbsym import limits
from qbsym import symbols as s
from tests.slow import few_by_default

ENTRIES = limits.limits()


# `qbval run` measures every entry.
@pytest.mark.parametrize("family", few_by_default(limits.families(), 6, pytest.mark.deep))
def test_a_familys_entries_are_sound(family):
    for entry in ENTRIES:
        if entry.family != family:
            continue
        limit = entry.limit
        assert isinstance(limit.expression, Expr), entry.name
        assert not limit.expression.atoms(Float), entry.name
        bound = {v for i in limit.expression.atoms(Integral) for v in i.variables}
        assert limit.expression.free_symbols - bound <= set(s.PARAMETERS), entry.name
        assert set(limit.path) <= set(s.PARAMETERS), entry.name
        assert len(limit.epsilons) >= 3, entry.name
        assert list(limit.epsilons) == sorted(limit.epsilons, reverse=True), entry.name
        assert (limit.remainder is None) == (limit.rate is not None), entry.name
        if limit.remainder is not None:
            assert limit.remainder > limit.starts, entry.name
        assert limit.assumptions, entry.name
        assert entry.statement.endswith("."), entry.name
        # At epsilon = 1 the path starts at the example.
        assert limit.at(Rational(1)) == {k: Rational(v) for k, v in limit.example.items()}
        assert limit.at(limit.epsilons[-1]) != limit.at(Rational(1))
        named = entry.of is not None
        assert named == (entry.observable not in qbsym.OBSERVABLES), entry.name


def test_each_limit_is_proven_by_a_derivation_of_the_catalogue():
    known = {derivation.name for derivation in qbsym.derivations()}
    assert {entry.derivation for entry in ENTRIES} <= known


def test_every_observable_of_a_family_is_there_or_its_absence_is_argued():
    reasons = limits.absent()
    missing = [
        (family, name)
        for family in limits.families()
        for name in qbsym.OBSERVABLES
        if (family, name) not in reasons
        and not any((e.family, e.observable) == (family, name) for e in ENTRIES)
    ]
    assert missing == []


def test_what_is_argued_to_be_absent_is_absent_indeed():
    for (family, name), reason in limits.absent().items():
        assert reason
        with pytest.raises(qbsym.NotDerivedError, match=name):
            limits.limit(family, name)


def test_a_limit_is_found_by_name_and_refused_with_the_names_there_are():
    entry = limits.limit("weak_coupling", "exergy", 2)
    assert entry.name == "weak_coupling:exergy:2"
    assert entry.limit is entry.limit
    with pytest.raises(qbsym.UnknownNameError, match="weak_coupling"):
        limits.limit("perpetual_motion", "exergy")
    with pytest.raises(qbsym.UnknownNameError, match="two_state_exergy"):
        limits.limit("weak_coupling", "ergotropy")
    with pytest.raises(qbsym.NotDerivedError, match="order 1, 2, not 7"):
        limits.limit("weak_coupling", "exergy", 7)


def test_a_path_off_the_rationals_is_refused():
    limit = limits.Limit(
        expression=s.level, path={s.mu_L: s.mu_L * limits.epsilon ** Rational(1, 2)},
        starts=Rational(0), remainder=oo, assumptions=(), epsilons=(),
        example=limits.limit("weak_coupling", "exergy").limit.example,
    )  # fmt: skip
    assert limit.at(Rational(1, 4))["left.mu"] == Rational(3, 10)
    with pytest.raises(ValueError, match=r"left\.mu"):
        limit.at(Rational(1, 2))


VALUES = {name: Fraction(n + 1, 7) for n, name in enumerate(s.PARAMETER_NAMES)}


@pytest.mark.parametrize("digits", [15, 40])
def test_integrals_are_taken_to_the_digits_asked_for(digits):
    from mpmath import mp, mpf

    low, high = s.mu_L, s.mu_L + 4
    root = ((high - s.omega) * (s.omega - low)) ** Rational(1, 2)
    # The half circle of radius 2, and the same over a Fermi function at its centre: half of it.
    circle = Integral(root, (s.omega, low, high))
    fermi = qbsym.functions.Fermi((s.omega - low - 2) / s.temperature_L)
    half = Integral(root * fermi, (s.omega, low, high))
    found = limits.evaluate([circle, half + s.level - s.level], VALUES, digits)
    with mp.workdps(digits):
        for value, expected in zip(found, (2 * mp.pi, +mp.pi), strict=True):
            assert abs(value / expected - 1) < 10 * mpf(10) ** -digits


def test_an_integral_that_does_not_exist_is_refused():
    pole = Integral(1 / (s.omega - s.level) ** 2, (s.omega, s.level - 1, s.level + 1))
    with pytest.raises(qbsym.NotDerivedError, match="settle"):
        limits.evaluate(pole, VALUES, 15)
    backwards = Integral(s.omega, (s.omega, s.level, s.level - 1))
    with pytest.raises(qbsym.NotDerivedError, match="runs from"):
        limits.evaluate(backwards, VALUES, 15)


def test_parameters_are_taken_exactly():
    assert limits.evaluate(3 * s.level, VALUES | {"level": Fraction(1, 3)}, 30) == 1
    assert limits.evaluate(s.level, VALUES | {"level": 0.1}, 60) == 0.1
    with pytest.raises(ValueError, match="args"):
        limits.evaluate(Symbol("unknown"), VALUES)


def test_nothing_is_derived_when_the_package_is_imported_or_the_catalogue_listed():
    script = (
        "import qbsym, qbsym.greens\n"
        "entries = qbsym.limits.limits()\n"
        "assert not any('limit' in vars(e) for e in entries)\n"
        "assert qbsym.greens.surface_green.__wrapped__.cache_info().currsize == 0\n"
    )
    root = Path(qbsym.__file__).parent.parent
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
