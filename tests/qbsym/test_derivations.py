"""The catalogue: every step of every derivation holds, and false statements are found out."""

import pytest
from sympy import Poly, Rational, Symbol, cos, cosh, exp, simplify, sin, sqrt, symbols

import qbsym
from qbsym import symbols as s
from qbsym.functions import Fermi, FermiDifference
from qbsym.proofs import (
    Derivation,
    _reduced,
    fact,
    identity,
    is_zero,
    nonnegative,
    vanishes_at_random_points,
)
from tests.slow import few_by_default

NAMES = [entry.name for entry in qbsym.derivations()]


# All of them are decided by `qbval run` as well.
@pytest.mark.parametrize("name", few_by_default(NAMES, 9, pytest.mark.deep))
def test_every_step_of_the_derivation_holds_and_no_identity_rests_on_numbers_alone(name):
    entry = qbsym.derivation(name)
    for step, result in zip(entry.steps, entry.verify(), strict=True):
        assert result.passed, result.text
        # What compares numbers says so (`sampled`); an identity never has to.
        assert step.residual is None or "random" not in result.method, result.text


# The documentation, which CI builds, shows all of them.
@pytest.mark.parametrize("name", few_by_default(NAMES, 6, pytest.mark.deep))
def test_every_derivation_states_itself_in_text_and_markdown(name):
    entry = qbsym.derivation(name)
    assert entry.statement
    assert entry.equation
    text = entry.text()
    assert name in text
    assert all(step.text in text for step in entry.steps)
    assert "$$" in entry.markdown()


def test_names_in_the_catalogue_are_unique_and_unknown_ones_are_refused():
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(qbsym.UnknownNameError, match="no derivation 'perpetual_motion'"):
        qbsym.derivation("perpetual_motion")


a, b = symbols("a b", positive=True)
r = Symbol("r", real=True)


@pytest.mark.parametrize(
    "true_statement",
    [
        sin(r) ** 2 + cos(r) ** 2 - 1,
        sqrt(a) * sqrt(b) - sqrt(a * b),
        1 / (sqrt(a) + sqrt(b)) - (sqrt(a) - sqrt(b)) / (a - b),
        Fermi(r) + Fermi(-r) - 1,
        FermiDifference(r, -r) - (exp(-r) - 1) / (exp(-r) + 1),
        cosh(r) - (exp(r) + exp(-r)) / 2,
    ],
)
def test_true_identities_are_proven_by_algebra(true_statement):
    assert is_zero(true_statement)


@pytest.mark.parametrize(
    "false_statement",
    [
        sin(r) ** 2 - cos(r) ** 2 - 1,
        sqrt(a) * sqrt(b) + sqrt(a * b),
        Fermi(r) - Fermi(-r),
        Fermi(r) - 1 + exp(r),
        a - b,
        exp(2 * r) - 2 * exp(r),
    ],
)
def test_false_identities_are_found_out_by_algebra_and_by_numbers(false_statement):
    assert not is_zero(false_statement)
    assert not vanishes_at_random_points(false_statement, {})


@pytest.mark.parametrize("degree", range(1, 6))
def test_powers_of_a_root_are_replaced_by_its_square(degree):
    root, square = Symbol("root"), a / (b + 1)
    numerator = sum((k + 2) * root**k * a**k for k in range(degree + 1))
    reduced = _reduced(numerator, root, square)
    assert Poly(reduced, root).degree() <= 1
    # The denominator of the square is cleared by one factor for each square.
    cleared = numerator * (b + 1) ** (degree // 2)
    assert simplify((cleared - reduced).subs(root, sqrt(square))) == 0
    assert _reduced(a, root, square) == a


def test_the_wrong_signs_of_the_paper_do_not_pass():
    v, h = s.coupling, s.hopping
    wrong = identity("printed", v**2 * (x_over(h) + 1) / h, v**2 * (x_over(h) - 1) / h)
    assert not wrong.verify().passed
    printed = qbsym.printed_self_energy("L") - qbsym.self_energy("L")
    assert not identity("printed", printed, 0).verify().passed
    assert not fact("false", Symbol("t"), lambda: False).verify().passed
    assert not nonnegative("of unknown sign", r).verify().passed


def x_over(h):
    return s.x / (2 * h)


def test_a_numeric_decision_says_that_it_is_one():
    # |r| = sqrt(r^2): SymPy's algebra does not see through nested roots of nested squares.
    nested = sqrt(a + b + 2 * sqrt(a * b)) - sqrt(a) - sqrt(b)
    result = identity("nested roots", nested, 0).verify()
    assert result.passed
    assert is_zero(nested) or "random points" in result.method


def test_steps_are_built_once():
    built = []

    def build():
        built.append(1)
        return (identity("one", Rational(1), 1),)

    entry = Derivation("once", "1 = 1", (), "-", build)
    assert entry.verify()[0].passed
    assert entry.verify()[0].passed
    assert built == [1]
