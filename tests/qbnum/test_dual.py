"""Dual numbers: values are NumPy's bit for bit, derivatives are the true ones to a few ulps."""

import pickle

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbnum._dual import Dual, chain, constant, dots_of, independent, value_of
from tests.qbnum.strategies import log_uniform, signs

EPS = np.finfo(np.float64).eps
# A rule is two or three rounded operations on a value that is itself right to an ulp.
ULPS = 8 * EPS

magnitudes = log_uniform(-6, 2)
numbers = st.tuples(signs, magnitudes).map(lambda pair: pair[0] * pair[1])
positive = magnitudes
above_minus_one = st.one_of(positive, log_uniform(-6, -0.01).map(lambda x: -x))
moderate = st.floats(-20, 20, allow_subnormal=False)
away_from_minus_one = above_minus_one.filter(lambda x: x > -0.9)


# --- Elementwise functions against 40-digit derivatives.

UNARY = [
    (np.exp, mp.exp, moderate),
    (np.expm1, mp.expm1, moderate),
    (np.log, mp.log, positive),
    (np.log1p, mp.log1p, away_from_minus_one),
    (np.sqrt, mp.sqrt, positive),
    (np.square, lambda x: x * x, numbers),
    (np.reciprocal, lambda x: 1 / x, numbers),
    (np.absolute, lambda x: x if x > 0 else -x, numbers),
    (np.negative, lambda x: -x, numbers),
    (np.sin, mp.sin, st.floats(0.1, 1.4)),
    (np.cos, mp.cos, st.floats(0.1, 1.4)),
    (np.arctan, mp.atan, numbers),
    (np.tanh, mp.tanh, moderate),
    (lambda x: x**3, lambda x: x**3, numbers),
    (lambda x: x**-2, lambda x: x**-2, numbers),
    (lambda x: np.power(x, 2.5), lambda x: x ** mp.mpf("2.5"), positive),
    (lambda x: np.ldexp(x, -3), lambda x: x / 8, numbers),
]
UNARY_IDS = [
    *("exp", "expm1", "log", "log1p", "sqrt", "square", "reciprocal", "abs", "negative"),
    *("sin", "cos", "arctan", "tanh", "cube", "power -2", "power 2.5", "ldexp"),
]


def close(computed, exact, ulps=ULPS):
    exact = mp.mpf(exact)
    return abs(mp.mpf(float(computed)) - exact) <= ulps * abs(exact)


@pytest.mark.parametrize(("function", "exact", "domain"), UNARY, ids=UNARY_IDS)
@given(data=st.data())
def test_functions_of_one_number_have_their_exact_derivative(function, exact, domain, data):
    x = data.draw(domain)
    result = function(independent([x])[0])
    assert result.value == function(np.float64(x))
    with mp.workdps(40):
        assert close(result.dots[0], mp.diff(exact, mp.mpf(x)))


BINARY = [
    (np.add, lambda a, b: a + b, numbers, numbers),
    (np.subtract, lambda a, b: a - b, numbers, numbers),
    (np.multiply, lambda a, b: a * b, numbers, numbers),
    (np.divide, lambda a, b: a / b, numbers, numbers),
    (np.hypot, mp.hypot, numbers, numbers),
    (np.arctan2, mp.atan2, positive, numbers),
    (np.maximum, lambda a, b: max(a, b), numbers, numbers),
    (np.minimum, lambda a, b: min(a, b), numbers, numbers),
    (np.copysign, lambda a, b: abs(a) * mp.sign(b), numbers, numbers),
]


@pytest.mark.parametrize(
    ("function", "exact", "first", "second"), BINARY, ids=[entry[0].__name__ for entry in BINARY]
)
@given(data=st.data())
def test_functions_of_two_numbers_have_their_exact_derivatives(
    function, exact, first, second, data
):
    a, b = data.draw(first), data.draw(second)
    if a == b or abs(abs(a) - abs(b)) < 1e-9:
        b *= 1.5  # kinks have a test of their own
    x, y = independent([a, b])
    with mp.workdps(40):
        by_a = mp.diff(lambda t: exact(t, mp.mpf(b)), mp.mpf(a))
        by_b = mp.diff(lambda t: exact(mp.mpf(a), t), mp.mpf(b))
    for args, expected in (((x, y), (by_a, by_b)), ((x, b), (by_a, 0)), ((a, y), (0, by_b))):
        result = function(*args)
        assert result.value == function(np.float64(a), np.float64(b))
        assert close(result.dots[0], expected[0])
        assert close(result.dots[1], expected[1])


@given(x=numbers, y=positive)
def test_a_composed_formula_agrees_with_its_complex_step(x, y):
    def formula(x, y):
        return np.exp(-np.square(x) / 1e4) * np.log1p(y * y) / np.sqrt(y + 1.0) + (x - y) ** 3 / y

    result = formula(*independent([x, y]))
    step = 1e-200j
    scale = EPS * 100 * (1 + (abs(x) + y) ** 3 / y**2)  # the cube's terms cancel at x = y
    assert abs(result.dots[0] - formula(x + step, y).imag / 1e-200) <= scale
    assert abs(result.dots[1] - formula(x, y + step).imag / 1e-200) <= scale


COMPLEX = [np.exp, np.expm1, np.log, np.log1p, np.sqrt, np.square, np.reciprocal, np.sin, np.cos]


@pytest.mark.parametrize("function", COMPLEX, ids=[f.__name__ for f in COMPLEX])
@given(x=st.floats(0.2, 3), y=st.floats(0.2, 3))
def test_holomorphic_functions_differentiate_along_both_axes_of_the_plane(function, x, y):
    a, b = independent([x, y])
    z = a + 1j * b
    result = function(z)
    name = {"absolute": "fabs", "square": lambda w: w * w, "reciprocal": lambda w: 1 / w}.get(
        function.__name__, function.__name__
    )
    exact = name if callable(name) else getattr(mp, name, None)
    with mp.workdps(40):
        slope = complex(mp.diff(exact, mp.mpc(x, y)))
    assert abs(result.dots[0] - slope) <= 10 * ULPS * abs(slope)
    assert abs(result.dots[1] - 1j * slope) <= 10 * ULPS * abs(slope)


@given(x=numbers, y=numbers)
def test_parts_modulus_and_conjugate_of_a_complex_dual(x, y):
    a, b = independent([x, y])
    z = a + 1j * b
    assert np.array_equal(z.real.dots, [1, 0])
    assert np.array_equal(np.imag(z).dots, [0, 1])
    assert np.array_equal(np.conjugate(z).dots, [1, -1j])
    assert np.array_equal(z.conj().dots, [1, -1j])
    modulus = np.abs(z)
    assert modulus.dtype == np.float64
    for dot, part in zip(modulus.dots, (x, y), strict=True):
        assert abs(dot - part / np.hypot(x, y)) <= ULPS


# --- Exceptional points.


def test_functions_of_a_constant_zero_have_the_derivative_zero_not_nan():
    for zero in (constant(0.0, 2), constant(np.zeros(3), 2)):
        for function in (np.sqrt, np.log, np.abs, np.reciprocal, lambda x: np.hypot(x, x)):
            with np.errstate(all="ignore"):
                assert np.array_equal(function(zero).dots, np.zeros_like(zero.dots))
    infinite = constant(np.inf, 1)
    assert (infinite * np.float64(0.5)).dots == 0
    x = Dual(np.array([0.0, 4.0]), np.array([[0.0, 1.0]]))
    assert np.array_equal(np.sqrt(x).dots, [[0.0, 0.25]])
    assert np.sqrt(independent([0.0])[0]).dots == np.inf


def test_kinks_give_the_mean_of_both_sides():
    x = independent([0.0])[0]
    assert np.abs(x).dots == 0
    assert np.maximum(x, 0.0).dots == 0.5
    assert np.minimum(0.0, x).dots == 0.5
    assert np.maximum(x, x).dots == 1.0
    # ln f of a Fermi function, smooth but written with kinks: -1/2 at its centre.
    softplus = np.log1p(np.exp(-np.abs(x)))
    assert (-np.maximum(x, 0.0) - softplus).dots == -0.5
    assert (-np.maximum(-x, 0.0) - softplus).dots == 0.5


def test_a_branch_and_its_magnitude_on_one_side_give_the_slope_at_the_seam():
    # f_L - f_R = f_L (1 - f_R)(1 - e^-d) for d >= 0, and its mirror image: at equilibrium the
    # difference is 0 and its derivative, the conductance's, is not.
    for x in (0.3, 0.0, -2.0):
        d = independent([0.0])[0]
        f = 1.0 / (1.0 + np.exp(x))
        magnitude = np.where(d >= 0, d, -d)
        difference = np.where(d >= 0, 1.0, -1.0) * f * (1.0 - f) * -np.expm1(-magnitude)
        assert difference.dots == f * (1.0 - f)


@given(mu=st.floats(-0.8, 0.8), T=log_uniform(-1, 1), edge=st.floats(1.0, 2.0))
def test_the_derivative_of_a_quadrature_whose_nodes_move_is_the_derivative_of_the_integral(
    mu, T, edge
):
    # Integral over the band of sqrt(edge^2 - w^2) f(w), in w = mu +- t and, next to an edge,
    # w = edge - t^2: every node moves with mu and with the edge, its weight too.
    t, weight = np.polynomial.legendre.leggauss(64)
    t, weight = 0.5 * (1.0 + t), 0.5 * weight

    def total(mu, T, edge):
        parts = []
        for sign in (-1.0, 1.0):
            length = edge - sign * mu
            root = np.sqrt(length)
            q = root * t  # distance to the edge is q^2
            omega = sign * (edge - q * q)
            x = (omega - mu) / T
            broadening = q * np.sqrt(2.0 * edge - q * q)
            parts.append((2.0 * q * root * weight * broadening / (1.0 + np.exp(x))).sum())
        return parts[0] + parts[1]

    result = total(*independent([mu, T, edge]))
    assert result.value == total(mu, T, edge)

    def slope(direction):
        # The differentiated integrands, with w = edge sin(s); they vanish at the band's ends.
        def integrand(s):
            x = (edge * mp.sin(s) - mu) / mp.mpf(T)
            f = 1 / (1 + mp.exp(x))
            rise = f * (1 - f) / T * (edge * mp.cos(s)) ** 2
            return (rise, rise * x, edge * f)[direction]

        return mp.quad(integrand, [-mp.pi / 2, mp.asin(mp.mpf(mu) / edge), mp.pi / 2])

    with mp.workdps(20):
        for direction in range(3):
            # 40 nodes resolve T >= 0.1; sums of 80 terms, 1/T from the exponent.
            assert abs(result.dots[direction] - slope(direction)) <= 1e-13 * (1 + 1 / T)


def test_derivatives_are_silent_where_values_are():
    x = independent([np.array([0.0, 1e-320, 1e300])])[0]
    with np.errstate(all="raise"):
        assert np.sqrt(x).dots[0, 0] == np.inf
        np.maximum(x, 1.0) * 2.0
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        np.log(x)


def test_ones_own_rule_is_the_chain_rule():
    x, y = independent([np.array([1.0, 2.0]), 3.0])
    made = chain(np.array([5.0, 6.0]), (np.array([10.0, 20.0]), x), (2.0, y), (7.0, 1.0))
    assert np.array_equal(made.dots, [[10.0, 20.0], [2.0, 2.0]])
    assert np.array_equal(made.value, [5.0, 6.0])
    plain = np.ones(2)
    assert chain(plain, (1.0, plain)) is plain


# --- Functions that move and add elements: linear, so they act on each derivative alone.

rng = np.random.default_rng(5)
A = Dual(rng.normal(size=(4, 5)), rng.normal(size=(3, 4, 5)))
B = Dual(rng.normal(size=(4, 5)), rng.normal(size=(3, 4, 5)))
ROW = Dual(rng.normal(size=5), rng.normal(size=(3, 5)))
SCALAR = Dual(rng.normal(), rng.normal(size=3))
PLAIN = rng.normal(size=(4, 5))
CUBE = Dual(rng.normal(size=(4, 5, 6)), rng.normal(size=(3, 4, 5, 6)))
MASK = PLAIN > 0
ORDER = np.argsort(PLAIN, axis=1)
MATRIX = rng.normal(size=(5, 2))

LINEAR = {
    "sum": (lambda a: np.sum(a), A),
    "sum of an axis": (lambda a: a.sum(axis=-1), CUBE),
    "sum of two axes": (lambda a: np.sum(a, axis=(0, 2), keepdims=True), CUBE),
    "add.reduce": (lambda a: np.add.reduce(a, axis=1), CUBE),
    "reduceat": (lambda a: np.add.reduceat(a, [0, 2, 3], axis=1), CUBE),
    "reduceat first": (lambda a: np.add.reduceat(a, [0, 2]), A),
    "mean": (lambda a: np.mean(a, axis=0), A),
    "cumsum": (lambda a: np.cumsum(a, axis=1), A),
    "diff": (lambda a: np.diff(a, axis=0), A),
    "diff of the last axis": (lambda a: np.diff(a), CUBE),
    "repeat": (lambda a: np.repeat(a, [2, 0, 1, 3], axis=0), A),
    "repeat flat": (lambda a: np.repeat(a, 2), A),
    "take": (lambda a: np.take(a, [3, 0], axis=-2), A),
    "take method": (lambda a: a.take([7, 0]), A),
    "take_along_axis": (lambda a: np.take_along_axis(a, ORDER, axis=1), A),
    "take_along_axis first": (lambda a: np.take_along_axis(a, ORDER[:1] % 4, axis=0), A),
    "flip": (lambda a: np.flip(a, axis=0), A),
    "moveaxis": (lambda a: np.moveaxis(a, 0, -1), CUBE),
    "moveaxis two": (lambda a: np.moveaxis(a, (0, 1), (-1, 0)), CUBE),
    "swapaxes": (lambda a: np.swapaxes(a, 0, 2), CUBE),
    "transpose": (lambda a: np.transpose(a, (2, 0, 1)), CUBE),
    "T": (lambda a: a.T, CUBE),
    "transpose method": (lambda a: a.transpose(1, 0, -1), CUBE),
    "expand_dims": (lambda a: np.expand_dims(a, (0, 2)), A),
    "squeeze": (lambda a: np.squeeze(a[:, None]), A),
    "reshape": (lambda a: np.reshape(a, (2, -1)), A),
    "reshape method": (lambda a: a.reshape(10, 2), A),
    "ravel": (lambda a: np.ravel(a), CUBE),
    "ravel method": (lambda a: a.ravel(), CUBE),
    "copy": (lambda a: np.copy(a), A),
    "atleast_1d": (lambda a: np.atleast_1d(a), SCALAR),
    "broadcast_to": (lambda a: np.broadcast_to(a, (2, 4, 5)), ROW),
    "broadcast_arrays": (lambda a: np.broadcast_arrays(a, MASK)[0], ROW),
    "where": (lambda a: np.where(MASK, a, 0.0), A),
    "where row": (lambda a: np.where(MASK[:, :1], a, a), ROW),
    "stack": (lambda a: np.stack([a, 2.0 * a, 0.0 * PLAIN], axis=-1), A),
    "concatenate": (lambda a: np.concatenate([a, 0.0 * PLAIN, a], axis=-1), A),
    "concatenate flat": (lambda a: np.concatenate([a, -a], axis=None), A),
    "bincount": (lambda a: np.bincount(np.arange(5) % 2, weights=a, minlength=4), ROW),
    "matrix": (lambda a: a @ MATRIX, A),
    "stack of matrices": (lambda a: np.moveaxis(a, 1, 2) @ MATRIX, CUBE),
    "matrix on the left": (lambda a: PLAIN.T @ a, A),
    "vector of a matrix": (lambda a: a @ MATRIX, ROW),
    "matrix of a vector": (lambda a: PLAIN @ a, ROW),
    "vector of vector": (lambda a: a @ MATRIX[:, 0], ROW),
    "plain stack": (lambda a: np.ones((2, 3, 4)) @ a, A),
    "negative": (lambda a: -a, A),
    "ldexp": (lambda a: np.ldexp(a, np.arange(4)[:, None]), ROW),
    "astype": (lambda a: a.astype(np.complex128), A),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_functions_act_on_the_value_and_on_each_derivative_alike(name):
    function, a = LINEAR[name]
    result = function(a)
    assert isinstance(result, Dual)
    assert np.array_equal(result.value, function(a.value))
    for direction in range(a.directions):
        expected = function(a.dots[direction])
        # Sums may run in another order on the larger array.
        assert result.dots[direction].shape == np.shape(expected)
        assert np.allclose(result.dots[direction], expected, rtol=8 * EPS, atol=8 * EPS)


INDICES = {
    "integer": 2,
    "slice": np.s_[1:3],
    "step": np.s_[::-2],
    "ellipsis": np.s_[..., 1],
    "new axis": np.s_[:, None],
    "new axis last": np.s_[..., None],
    "list": [3, 0, 0],
    "mask": np.array([True, False, True, True]),
    "mask of two axes": MASK,
    "two arrays": (np.array([0, 3]), np.array([1, 4])),
    "integer and array": np.s_[1, [0, 2]],
    "array in the middle": np.s_[:, [0, 2]],
    "array last": np.s_[..., np.array([[0, 5], [2, 2]])],
    "arrays apart": (np.array([0, 3]), slice(None), np.array([1, 5])),
    "integer and array apart": np.s_[2, :, [0, 3, 3]],
    "mask apart": (np.array([True, False, True, True]), slice(1, 3), np.array([0, 1, 5])),
    "everything": np.s_[...],
}


@pytest.mark.parametrize("name", INDICES)
def test_reading_and_writing_by_every_kind_of_index(name):
    index = INDICES[name]
    part = CUBE[index]
    assert np.array_equal(part.value, CUBE.value[index])
    for direction, dots in enumerate(CUBE.dots):
        assert np.array_equal(part.dots[direction], dots[index])

    doubled, cleared = CUBE.copy(), CUBE.copy()
    doubled[index] = 2.0 * CUBE[index]
    cleared[index] = 7.0
    for direction, dots in enumerate(CUBE.dots):
        expected = dots.copy()
        expected[index] = 2.0 * dots[index]
        assert np.array_equal(doubled.dots[direction], expected)
        expected[index] = 0.0
        assert np.array_equal(cleared.dots[direction], expected)
    assert np.all(cleared.value[index] == 7.0)


def test_slices_share_memory_and_in_place_operators_work_in_place():
    a = A.copy()
    row = a[1]
    row += ROW
    assert np.array_equal(a.dots[:, 1], A.dots[:, 1] + ROW.dots)
    row -= 1.0
    assert np.array_equal(a.dots[:, 1], A.dots[:, 1] + ROW.dots)
    row *= ROW
    product = (A[1] + ROW - 1.0) * ROW
    assert np.array_equal(a.value[1], product.value)
    assert np.array_equal(a.dots[:, 1], product.dots)
    a /= 2.0
    assert np.array_equal(a.dots[:, 0], A.dots[:, 0] / 2.0)
    # The sum with a constant is no view of the old derivatives.
    b = A + 1.0
    b += B
    assert np.array_equal((A + 1.0).dots, A.dots)
    with pytest.raises(ValueError, match="broadcast"):
        row += A


def test_products_of_duals_obey_the_product_rule():
    product = A @ CUBE[0]
    for direction in range(3):
        expected = A.dots[direction] @ CUBE.value[0] + A.value @ CUBE.dots[direction, 0]
        assert np.allclose(product.dots[direction], expected, rtol=8 * EPS, atol=8 * EPS)
    mixed = A * PLAIN[0] + PLAIN[:, :1] * ROW
    assert np.array_equal(mixed.value, A.value * PLAIN[0] + PLAIN[:, :1] * ROW.value)
    assert np.array_equal(mixed.dots, A.dots * PLAIN[0] + PLAIN[:, :1] * ROW.dots[:, None])


def test_broadcasting_gives_derivatives_in_the_shape_of_the_result():
    for result in (ROW + PLAIN, PLAIN - SCALAR, SCALAR * PLAIN, np.maximum(SCALAR, PLAIN)):
        assert result.dots.shape == (3, 4, 5)
        result += 1.0  # in memory of its own
        result[0] = 0.0
    assert np.array_equal((PLAIN - ROW).dots, np.broadcast_to(-ROW.dots[:, None], (3, 4, 5)))


def test_comparisons_and_orders_look_at_values():
    assert np.array_equal(A > B, A.value > B.value)
    assert np.array_equal(np.less_equal(0.0, A), A.value >= 0)
    assert np.array_equal(np.equal(A, A.value), np.ones((4, 5), bool))
    assert np.array_equal(np.sign(A), np.sign(A.value))
    assert isinstance(np.sign(A), np.ndarray)
    assert np.isfinite(A).all()
    assert np.array_equal(np.argsort(A), np.argsort(A.value))
    assert np.array_equal(np.lexsort((A[0], B[0])), np.lexsort((A.value[0], B.value[0])))
    assert np.searchsorted(np.array([0.0, 1.0]), SCALAR) == np.searchsorted([0, 1], SCALAR.value)
    assert np.array_equal(np.flatnonzero(A), np.arange(20))
    assert np.array_equal(np.where(A)[0], np.nonzero(A.value)[0])
    assert np.any(A)
    assert (A != 0).all()
    assert A.all()
    assert np.shape(A) == A.shape == (4, 5)
    assert (A.ndim, A.size, len(A), A.dtype, A.directions) == (2, 20, 4, np.float64, 3)
    assert np.iscomplexobj(1j * A)
    assert not np.iscomplexobj(A)


def test_sorting_and_extremes_take_the_derivatives_along():
    order = np.argsort(A.value, axis=0)
    assert np.array_equal(np.sort(A, axis=0).dots, np.take_along_axis(A.dots, order[None], axis=1))
    assert np.array_equal(np.sort(A, axis=0).value, np.sort(A.value, axis=0))
    for a, extreme in ((A.max(axis=1), np.argmax), (np.min(A, axis=1), np.argmin)):
        at = extreme(A.value, axis=1)
        assert np.array_equal(a.dots, A.dots[:, np.arange(4), at])
    assert np.max(A).value == A.value.max()
    assert np.maximum.reduce(A, axis=0).shape == (5,)
    clipped = np.clip(A, -0.5, 0.5)
    assert np.array_equal(clipped.value, np.clip(A.value, -0.5, 0.5))
    assert np.array_equal(clipped.dots, np.where(np.abs(A.value) < 0.5, A.dots, 0.0))


def test_arrays_made_like_a_dual_take_derivatives():
    filled = np.zeros_like(A)
    filled[1] = ROW
    assert np.array_equal(filled.dots[:, 1], ROW.dots)
    assert np.array_equal(filled.value[[0, 2, 3]], np.zeros((3, 5)))
    assert np.array_equal(np.ones_like(A, shape=(2,)).value, [1.0, 1.0])
    assert np.array_equal(np.full_like(A, SCALAR).dots[:, 3, 2], SCALAR.dots)
    assert np.zeros_like(A, dtype=bool).dtype == bool
    assert np.full_like(A, 2.0, dtype=complex).dtype == np.complex128


def test_helpers_treat_plain_arrays_as_constants():
    assert value_of(A) is A.value
    assert value_of(PLAIN) is PLAIN
    assert dots_of(A, 3) is A.dots
    assert np.array_equal(dots_of(PLAIN, 2), np.zeros((2, 4, 5)))
    x, y = independent([1, np.array([2.0, 3.0])])
    assert np.array_equal(x.dots, [1, 0])
    assert np.array_equal(y.dots, [[0, 0], [1, 1]])
    assert np.array_equal(pickle.loads(pickle.dumps(y)).dots, y.dots)
    assert "dots" in repr(y)


# --- Nothing is ever lost silently.

REFUSED = {
    "asarray": lambda a: np.asarray(a),
    "array of duals": lambda a: np.array([a, a]),
    "float": lambda a: float(a[0, 0]),
    "int": lambda a: int(a[0, 0]),
    "complex": lambda a: complex(a[0, 0]),
    "plain += dual": lambda a: PLAIN.copy().__iadd__(a),
    "plain[...] = dual": lambda a: PLAIN.copy().__setitem__(0, a[0]),
    "out": lambda a: np.multiply(a, a, out=np.empty((4, 5))),
    "astype int": lambda a: a.astype(int),
    "astype real": lambda a: (1j * a).astype(float),
    "complex into real": lambda a: a.copy().__setitem__(0, 1j * a[0]),
    "complex *= ": lambda a: a.copy().__imul__(1j),
    "index": lambda a: PLAIN[a],
    "index of a dual": lambda a: a[a],
    "dual exponent": lambda a: a**a,
    "plain base": lambda a: 2.0**a,
    "ufunc": lambda a: np.floor(a),
    "frexp": lambda a: np.frexp(a),
    "ufunc method": lambda a: np.multiply.reduce(a),
    "ufunc option": lambda a: np.add(a, a, where=MASK),
    "array function": lambda a: np.linalg.inv(a[:4, :4]),
    "einsum": lambda a: np.einsum("ij->i", a),
    "complex maximum": lambda a: np.maximum(1j * a, 0),
    "complex sign": lambda a: np.sign(1j * a),
    "sum with a type": lambda a: np.sum(a, dtype=np.float32),
    "take_along_axis": lambda a: np.take_along_axis(PLAIN, a, axis=0),
    "bincount of": lambda a: np.bincount(a[0]),
    "ldexp by": lambda a: np.ldexp(1.0, a),
    "nested": lambda a: Dual(a, a.dots),
    "text": lambda a: Dual(np.array(["a"]), np.zeros((1, 1))),
    "complex derivative of a real value": lambda a: Dual(a.value, 1j * a.dots),
    "full_like": lambda a: np.full_like(PLAIN, a),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_rule_or_would_lose_derivatives_is_refused(name):
    with pytest.raises(TypeError):
        REFUSED[name](A)


def test_a_refusal_names_the_function():
    with pytest.raises(TypeError, match=r"np\.floor"):
        np.floor(A)
    with pytest.raises(TypeError, match=r"np\.linalg\.inv"):
        np.linalg.inv(A)
    with pytest.raises(TypeError, match=r"a = a \+ b"):
        PLAIN.copy().__iadd__(A)


@pytest.mark.parametrize(
    ("value", "dots", "dtype"),
    [
        (np.array([1.0, 2.0]), np.array([[1, 0]]), np.float64),
        (np.array([1.0, 2.0]), np.array([[1, 0]], dtype=np.float32), np.float64),
        (np.array([1j, 2.0]), np.array([[1.0, 0.0]]), np.complex128),
        (np.array([1j, 2.0]), np.array([[1j, 0.0]], dtype=np.complex64), np.complex128),
        (np.array([1, 2]), np.array([[1, 0]]), np.float64),
    ],
)
def test_derivatives_have_the_type_of_their_value(value, dots, dtype):
    dual = Dual(value, dots)
    assert dual.dtype == dual.dots.dtype == dtype
    assert np.array_equal(dual.dots, dots)


def test_duals_of_different_directions_or_shapes_do_not_go_together():
    other = Dual(A.value, np.zeros((2, 4, 5)))
    for combine in (
        lambda: A + other,
        lambda: A * other,
        lambda: np.where(MASK, A, other),
        lambda: np.stack([A, other]),
        lambda: A.T @ other,
        lambda: A.copy().__iadd__(other),
        lambda: A.copy().__setitem__(0, other[0]),
    ):
        with pytest.raises(ValueError, match="directions"):
            combine()
    with pytest.raises(ValueError, match="do not belong"):
        Dual(np.zeros(3), np.zeros((2, 4)))


def test_real_and_complex_duals_mix_in_either_order():
    z = A + 2j * B
    for product in (z * A, A * z):
        assert np.allclose(product.dots, z.dots * A.value + z.value * A.dots, rtol=8 * EPS)
    assert np.array_equal((1j * A).dots, 1j * A.dots)
    assert (A / (1.0 + 1j)).dtype == np.complex128
    cleared = np.where(MASK, z, A)
    assert np.array_equal(cleared.dots, np.where(MASK, z.dots, A.dots))
