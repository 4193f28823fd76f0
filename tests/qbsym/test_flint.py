"""The flint backend of `qbsym.lambdify`: balls that contain the value, and tell where it ends."""

from fractions import Fraction

import pytest
from flint import acb, arb, ctx
from mpmath import mp, mpf
from sympy import Rational, Symbol, cosh, exp, log, pi, sqrt

import qbsym
from qbsym._flint import to_ball
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP
from tests.qbsym.cases import JUNCTIONS, numbers, segments

x = Symbol("x", real=True)
y = Symbol("y", real=True)


def flint(expression, args=(x,)):
    return qbsym.lambdify(expression, args, "flint")


@pytest.mark.parametrize("name", JUNCTIONS)
def test_integrands_contain_the_mpmath_values_in_every_segment(name):
    values = JUNCTIONS[name]
    for low, high, *regions in segments(values):
        omega = low + (high - low) * Fraction(3, 10)
        with mp.workdps(60):
            expected = qbsym.integrands(*regions, backend="mpmath")(omega, *numbers(values))
        with ctx.workprec(160):
            got = qbsym.integrands(*regions, backend="flint")(omega, *values.values())
            for integrand, ball, value in zip(qbsym.INTEGRALS, got, expected, strict=True):
                near = arb(to_ball(value), abs(to_ball(value)) * arb(2) ** -180)
                assert ball.overlaps(near), integrand
                # At the equilibrium of the exergy its integrand cancels to 0, known to 1e-45.
                assert float(ball.rad()) <= 1e-40 * abs(float(value)) + 1e-45, integrand


@pytest.mark.parametrize(
    "value",
    [3, 0.1, Fraction(1, 3), mpf("0.7"), arb(2), acb(1, 2), 1 + 2j],
    ids=lambda v: type(v).__name__,
)
def test_numbers_are_taken_for_what_they_are(value):
    (ball,) = (flint(2 * x)(value),)
    exact = complex(value) if not isinstance(value, arb | acb) else None
    if exact is not None:
        assert abs(complex(ball) - 2 * exact) < 1e-15
    if isinstance(value, Fraction):
        assert (3 * ball - 2).contains(0)
        assert not ball.is_exact()
    else:
        assert ball.is_exact()


def test_what_is_no_finite_number_is_refused():
    for value in (mp.inf, mp.nan):
        with pytest.raises(ValueError, match="not a finite number"):
            flint(x)(value)


def test_constants_follow_the_precision_in_force():
    f = flint(pi * x / 3)
    for bits in (53, 400):
        with ctx.workprec(bits):
            assert f(arb(3)).overlaps(arb.pi())
            assert f(arb(3)).rel_accuracy_bits() > bits - 8


@pytest.mark.parametrize("size", [1e3, 1e9, -1e9])
def test_fermi_functions_keep_their_relative_accuracy(size):
    functions = flint([Fermi(x), Fermi(-x), LogFermi(x), LogFermi(-x)])
    f, f_bar, log_f, log_f_bar = functions(arb(size))
    tail = (-abs(arb(size))).exp()
    small, large, log_small, log_large = (
        (f, f_bar, log_f, log_f_bar) if size > 0 else (f_bar, f, log_f_bar, log_f)
    )
    assert small.overlaps(tail / (1 + tail))
    assert small.rel_accuracy_bits() > 20
    assert large.overlaps(1 - tail)
    assert log_small.overlaps(-abs(arb(size)) - tail)
    assert log_large.overlaps(-tail)
    assert log_large.rel_accuracy_bits() > 20


def test_a_fermi_difference_does_not_cancel():
    f = flint(FermiDifference(x, y), (x, y))
    with ctx.workprec(100):
        step = arb(2) ** -90
        for start in (-3, 0, 4):
            got = f(arb(start), start + step)
            exact = -(Fermi(x).diff(x)).subs(x, start).evalf(40) * 2.0**-90
            assert abs(float(got) / float(exact) - 1) < 1e-12


def test_the_cut_of_a_root_or_logarithm_is_flagged_only_when_asked():
    across = acb(arb(-1, 0.5), arb(0, 0.1))
    for expression in (sqrt(x), log(x), x ** Rational(1, 3), x ** Rational(3, 2), PLogP(x, 1 - x)):
        f = flint(expression)
        assert not f(across, analytic=True).is_finite(), expression
        assert f(across).is_finite() or expression.has(PLogP), expression
        assert f(acb(2), analytic=True).is_finite()


def test_p_log_p_is_enclosed_down_to_zero():
    """On a real ball that touches 0 the range of p ln p is returned, not an infinity."""
    f = flint(PLogP(x, 1 - x))
    found = f(acb(arb("0.01", "0.01"))).real
    for p in ("1e-30", "0.001", "0.02"):
        assert found.contains(arb(p) * arb(p).log())
    assert found.contains(0)
    assert not f(acb(arb("0.01", "0.01")), analytic=True).is_finite()
    # Beyond the minimum at 1/e the end of the ball would not bound it.
    assert not f(acb(arb("0.3", "0.31"))).is_finite()


def test_an_unknown_function_is_refused_with_a_cure():
    with pytest.raises(qbsym.UnknownNameError, match=r"no function cosh.*rewrite"):
        flint(cosh(x))
    assert flint(cosh(x).rewrite(exp))(arb(1)).overlaps(arb(1).cosh())


@pytest.mark.parametrize("n", [2, 3, 5, 8, -2])
def test_integer_powers_of_a_ball_around_zero(n):
    f = flint(x**n)
    found = f(arb(0, "0.5"))
    assert found.is_finite() == (n > 0)
    assert f(arb(3)).overlaps(arb(3) ** n)
    if n > 0:
        assert found.contains((arb(1) / 2) ** n)
