"""`qbsym.lambdify`: exact constants, digits, overflow, broadcasting, and what it refuses."""

import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from sympy import Float, I, Rational, Symbol, exp, pi, polygamma, sqrt, symbols, zeta

import qbsym
from qbsym import symbols as s
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP
from tests.qbsym.cases import numbers, parameters, segments

PRECISE = ("mpmath", "gmpy2")
x, y = symbols("x y", real=True)


def independent(omega, p):
    """Return A, N, S, X, I and sigma integrands written by hand in mpmath, equal bands."""
    h, v_L, v_R = p["left.hopping"], p["left.coupling"], p["right.coupling"]
    x = omega - p["left.onsite"]
    root = mpmath.sqrt(4 * h**2 - x**2)
    gamma_L, gamma_R = v_L**2 / h**2 * root, v_R**2 / h**2 * root
    green = 1 / (
        omega - p["level"] - (v_L**2 + v_R**2) / (2 * h**2) * (x - mpmath.mpc(0, 1) * root)
    )
    A = -mpmath.im(green) / mpmath.pi

    def fermi(side):
        mu = p["mu_eq"] if side == "eq" else p[f"{side}.mu"]
        T = p["temperature_eq"] if side == "eq" else p[f"{side}.temperature"]
        return 1 / (mpmath.exp((omega - mu) / T) + 1), (omega - mu) / T

    (f_L, x_L), (f_R, x_R), (g, _) = fermi("left"), fermi("right"), fermi("eq")
    f = (gamma_L * f_L + gamma_R * f_R) / (gamma_L + gamma_R)
    tau = gamma_L * gamma_R * abs(green) ** 2
    ln = mpmath.log
    return {
        "spectral_weight": A,
        "particle_number": A * f,
        "entropy": -A * (f * ln(f) + (1 - f) * ln(1 - f)),
        "exergy": A * (f * ln(f / g) + (1 - f) * ln((1 - f) / (1 - g))),
        "charge_current": tau * (f_L - f_R),
        "entropy_production": tau * (f_L - f_R) * (x_R - x_L),
    }


@pytest.mark.parametrize("backend", PRECISE)
def test_integrands_agree_with_independent_code_to_fifty_digits(backend, equal_bands):
    for omega in ("0.37", "-1.3", "1.9"):
        with mp.workdps(55):
            values = numbers(equal_bands)
            got = dict(
                zip(
                    qbsym.INTEGRALS,
                    qbsym.integrands(backend=backend)(mpf(omega), *values),
                    strict=True,
                )
            )
        with mp.workdps(110):
            exact = {n: mp.convert(v) for n, v in equal_bands.items()}
            with mp.workdps(55):
                omega_rounded = mpf(omega)
            expected = independent(omega_rounded, exact)
            for name, value in expected.items():
                assert abs(got[name] - value) < mpf(10) ** -50 * abs(value), name


@pytest.mark.parametrize("backend", qbsym.BACKENDS)
def test_a_float_inside_an_expression_is_refused(backend):
    for expression in (0.1 * x, [x, x + Float("0.25")], Fermi(Float(1) * x)):
        with pytest.raises(qbsym.FloatAtomError, match="exact rationals"):
            qbsym.lambdify(expression, (x,), backend)


@pytest.mark.parametrize("backend", PRECISE)
def test_constants_are_exact_at_the_precision_in_force(backend):
    third = qbsym.lambdify(x / 3 + Rational(1, 7) + pi, (x,), backend)
    for digits in (15, 60, 200):
        with mp.workdps(digits):
            assert mp.almosteq(third(mpf(1)), mpf(1) / 3 + mpf(1) / 7 + mp.pi)


@pytest.mark.parametrize("backend", PRECISE)
def test_one_callable_follows_a_change_of_precision(backend):
    f = qbsym.integrands(backend=backend)
    values = [mp.convert(v) for v in map(float, parameters().values())]
    low = f(mpf("0.25"), *values)
    with mp.workdps(60):
        high = f(mpf("0.25"), *values)
    again = f(mpf("0.25"), *values)
    assert low == again
    assert all(abs(a - b) < 1e-13 * abs(b) for a, b in zip(low, high, strict=True))
    assert any(a != b for a, b in zip(low, high, strict=True))


@pytest.mark.parametrize("backend", PRECISE)
def test_fractions_and_floats_are_taken_exactly(backend):
    f = qbsym.lambdify(x, (x,), backend)
    with mp.workdps(60):
        assert f(0.1) == mpf(Fraction(0.1).numerator) / Fraction(0.1).denominator
        assert mp.almosteq(f(Fraction(1, 3)), mpf(1) / 3)


@pytest.mark.parametrize("backend", PRECISE)
def test_results_are_ordinary_mpf(backend):
    f = qbsym.lambdify([exp(x), x - x, -x], (x,), backend)
    for value, expected in zip(f(mpf("0.5")), (mp.exp(0.5), mp.zero, mpf(-0.5)), strict=True):
        assert isinstance(value, mpf)
        assert float(value) == float(expected)
        assert mpmath.nstr(value, 5) == mpmath.nstr(expected, 5)
        assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize("backend", PRECISE)
def test_division_by_zero_raises(backend):
    with pytest.raises(ZeroDivisionError):
        qbsym.lambdify(1 / x, (x,), backend)(mpf(0))


@pytest.mark.parametrize("backend", PRECISE)
@pytest.mark.parametrize("exponent", [mpf(10) ** 9, -(mpf(10) ** 9), mpf(5000), mpf(-5000)])
def test_fermi_functions_keep_their_digits_at_huge_exponents(backend, exponent):
    functions = [Fermi(x), Fermi(-x), LogFermi(x), LogFermi(-x)]
    f, f_bar, ln_f, ln_f_bar = qbsym.lambdify(functions, (x,), backend)(exponent)
    size = abs(exponent)
    small, large, ln_small, ln_large = (
        (f, f_bar, ln_f, ln_f_bar) if exponent > 0 else (f_bar, f, ln_f_bar, ln_f)
    )
    assert small > 0
    assert mp.almosteq(small, mp.exp(-size))
    assert large == 1
    assert ln_small == -size
    assert mp.almosteq(ln_large, -mp.exp(-size))


@pytest.mark.parametrize("backend", PRECISE)
def test_p_log_p_keeps_relative_digits_next_to_certainty(backend):
    p, q = symbols("p q", positive=True)
    f = qbsym.lambdify(PLogP(p, q), (p, q), backend)
    tiny = mpf(10) ** -400
    assert mp.almosteq(f(1 - tiny, tiny), -tiny)
    assert mp.almosteq(f(tiny, 1 - tiny), tiny * mp.log(tiny))
    assert f(mpf(0), mpf(1)) == 0


@pytest.mark.parametrize("backend", PRECISE)
def test_fermi_difference_keeps_its_sign_and_digits_deep_in_the_tails(backend):
    f = qbsym.lambdify(FermiDifference(x, y), (x, y), backend)
    for a, b in ((mpf(1000), mpf(1001)), (mpf(-1001), mpf(-1000))):
        with mp.workdps(900):
            expected = 1 / (mp.exp(a) + 1) - 1 / (mp.exp(b) + 1)
        assert abs(f(a, b) / expected - 1) < 1e-12
        assert abs(f(b, a) / expected + 1) < 1e-12
        # As it stands for holes: f(-x) - f(-y) is the negative.
        holes = qbsym.lambdify(FermiDifference(-x, -y), (x, y), backend)
        assert abs(holes(a, b) / expected + 1) < 1e-12


def test_numpy_agrees_with_mpmath_on_every_integrand(junction):
    generator = np.random.default_rng(11)
    doubles = [float(v) for v in junction.values()]
    for low, high, left, right in segments(junction):
        energies = float(low) + float(high - low) * (0.01 + 0.98 * generator.random(20))
        fast = qbsym.integrands(left, right)(energies, *doubles)
        with mp.workdps(40):
            exact = [
                qbsym.integrands(left, right, "gmpy2")(mpf(e), *map(mpf, doubles)) for e in energies
            ]
        for i, name in enumerate(qbsym.INTEGRALS):
            for j, row in enumerate(exact):
                scale = abs(row[0]) if name == "exergy" else abs(row[i])
                assert abs(fast[i][j] - row[i]) <= 2e-11 * scale, name


def test_numpy_has_the_digamma_function_and_none_of_its_derivatives():
    z = 0.3 + 2.0j
    (found,) = qbsym.lambdify([polygamma(0, s.zeta)], (s.zeta,), "numpy")(z)
    assert abs(found - complex(mp.digamma(z))) < 1e-14
    with pytest.raises(NotImplementedError, match="digamma function only"):
        qbsym.lambdify([polygamma(1, s.zeta)], (s.zeta,), "numpy")(z)


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "gmpy2"])
def test_a_function_without_code_is_refused_by_name_and_no_printers_option_offered(backend):
    with pytest.raises(qbsym.NotDerivedError, match="zeta") as refusal:
        qbsym.lambdify([zeta(s.omega)], (s.omega,), backend)
    assert "option" not in str(refusal.value)


def test_numpy_is_silent_and_finite_at_reasonable_extremes():
    f = qbsym.integrands()
    energies = np.linspace(-1.9, 1.9, 101)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for T in (1e-6, 1e-3, 50.0):
            values = parameters(left__temperature=T, right__temperature=T, temperature_eq=T)
            for value in f(energies, *map(float, values.values())):
                assert np.all(np.isfinite(value))


def test_numpy_broadcasts_and_gives_constants_the_arguments_shape():
    f = qbsym.lambdify([s.omega**2, Rational(1, 3), s.level], (s.omega, s.level))
    square, third, level = f(np.zeros((4, 1)), np.ones(3))
    assert square.shape == third.shape == level.shape == (4, 3)
    assert np.all(third == 1 / 3)
    assert f(1.0, 2.0)[1].shape == ()


def test_bound_parameters_give_the_same_numbers():
    for backend in PRECISE:
        f = qbsym.integrands(backend=backend)
        values = numbers(parameters())
        assert f.bind(*values)(mpf("0.3")) == f(mpf("0.3"), *values)
    fast = qbsym.integrands()
    doubles = [float(v) for v in parameters().values()]
    energies = np.linspace(-1, 1, 5)
    for a, b in zip(fast.bind(*doubles)(energies), fast(energies, *doubles), strict=True):
        assert np.array_equal(a, b)


def test_mpmath_takes_complex_energies():
    f = qbsym.lambdify(1 / (x - I), (x,), "mpmath")
    assert mp.almosteq(f(mp.mpc(2, 3)), 1 / mp.mpc(2, 2))


@pytest.mark.parametrize("backend", qbsym.BACKENDS)
def test_missing_arguments_and_unknown_backends_are_refused(backend):
    with pytest.raises(ValueError, match="no argument for"):
        qbsym.lambdify(x * y, (x,), backend)
    with pytest.raises(qbsym.UnknownNameError, match="no backend 'fortran'"):
        qbsym.lambdify(x, (x,), "fortran")


def test_powers_roots_and_exponentials_print_as_written():
    expression = sqrt(x) + 1 / sqrt(x) + x**-3 + exp(-x) + x ** Rational(1, 3)
    at = mpf("1.7")
    expected = mp.sqrt(at) + 1 / mp.sqrt(at) + at**-3 + mp.exp(-at) + mp.cbrt(at)
    positive = Symbol("x", positive=True)
    f = qbsym.lambdify(expression.subs(x, positive), (positive,), "mpmath")
    assert mp.almosteq(f(at), expected)


def test_the_default_arguments_are_energy_and_the_thirteen_parameters(equal_bands):
    values = [0.3, *(float(v) for v in equal_bands.values())]
    tau = qbsym.lambdify(qbsym.transmission(), backend="numpy")
    explicit = qbsym.lambdify(
        qbsym.transmission(), (qbsym.symbols.omega, *qbsym.symbols.PARAMETERS), "numpy"
    )
    assert float(tau(*values)) == float(explicit(*values))
    assert 0.0 < float(tau(*values)) <= 1.0
