"""What is drawn: numbers, arrays and texts that users do not give, among some that they do."""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import xarray as xr

import qbnum
from tests.fuzz.draw import Draw, built, double, fields, just, lists, one_of, pick, uniform

DOUBLES = (
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 2.3, 5e-324, 2.2e-308, 1e-300, 1e-160, 1e-16, 1e16, 1e100,
    1e154, 1e155, 1e200, 1e300, 1.7976931348623157e308, -1e308, float("inf"), float("-inf"),
    float("nan"),
)  # fmt: skip

WHOLE = (0, 1, -1, 2, 3, 7, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63), 2**64, 10**25, 10**400)
WHOLE += (10**5000, 10**9)

TEXTS = (
    "", " ", "0.1", "1e999999999", "1/0", "1e5/1e5", "nan", "-inf", "0x1.8p-3", "0x", "0x1p99999",
    "0x1p" + "9" * 5000, "1" * 5000, "1_0", "١٢", "π", "\0", "\ud800", "error", "exclude", "mask",
    "level", "left.mu", "bias", "exergy", "energy", "__import__('os').abort()", "[red]x", "{}",
    "x" * 3000, "mean", "numpy", "mpmath", "arb", "inside", "below", "L", "R", "auto",
)  # fmt: skip

OBJECTS = (
    None, True, False, 1j, complex("nan"), b"", b"1", (), [], {}, set(), [[]], [1, [2]], [None],
    ["1"], {"a": 1}, object, len, ..., range(3), slice(None), Fraction(1, 3), Fraction(10**400),
    Fraction(1, 10**400), decimal.Decimal("0.1"), decimal.Decimal("1e999999"),
    decimal.Decimal("1e999999999"), decimal.Decimal("nan"), decimal.Decimal("sNaN"),
    np.float16(0.1), np.float32(0.1), np.float32("inf"), np.longdouble(1) / 3,
    np.longdouble("1e4000"), np.int8(-1), np.uint64(2**64 - 1), np.bool_(True), np.complex64(1j),
    np.datetime64("2020-01-01"), np.timedelta64(1, "s"), np.str_("1"), np.ma.masked,
)  # fmt: skip

DTYPES = ("f8", ">f8", "f4", "f2", "g", "i1", "u8", "i8", "c16", "?", "O", "U3", "S1", "M8[s]")
SHAPES = ((), (0,), (1,), (2,), (3,), (2, 3), (3, 1), (1, 0), (1, 1, 1), (1,) * 32)


def _array(dtype: str, shape: tuple[int, ...], fill: float, form: str) -> object:
    with np.errstate(all="ignore"):
        base = np.zeros(shape, dtype=dtype) if dtype[0] in "US" else np.full(shape, 1).astype(dtype)
    if dtype.strip("<>")[0] in "fgc" and base.size:
        with np.errstate(all="ignore"):
            base.flat[-1] = fill
    match form:
        case "read-only":
            base.flags.writeable = False
        case "strided":
            return np.repeat(base, 2, axis=-1)[..., ::2] if base.ndim else base
        case "reversed":
            return base[..., ::-1] if base.ndim else base
        case "masked":
            return np.ma.MaskedArray(base, mask=True)
        case "list":
            return base.tolist()
        case "labelled":
            return xr.DataArray(base, dims=[f"d{k}" for k in range(base.ndim)])
        case "dimension":
            return ("step", base)
        case "scalar":
            return base[()]
    return base


FORMS = ("plain", "read-only", "strided", "reversed", "masked", "list", "labelled", "dimension")
FORMS += ("scalar",)

arrays = built(_array, pick(DTYPES), pick(SHAPES), pick(DOUBLES), pick(FORMS))


def text(random: Random) -> str:
    """A short text of any characters."""
    return "".join(
        chr(random.randrange(random.choice((128, 0x3000)))) for _ in range(random.randrange(9))
    )


texts = one_of(pick(TEXTS), text)
nasty = one_of(pick(DOUBLES), double, pick(WHOLE), texts, pick(OBJECTS), arrays)
"""Anything, for any argument."""


def mostly(good: Draw, bad: Draw = nasty) -> Draw:
    """Draw what is meant, and now and then anything."""
    return lambda random: (bad if random.randrange(12) == 11 else good)(random)


def some(known: Iterable[Any], bad: Draw = nasty) -> Draw:
    """Draw one of the known, as often anything."""
    return one_of(pick(known), bad)


ordinary = uniform(0.01, 2)
magnitudes = one_of(
    built(lambda e: 10.0**e, uniform(-4, 1)),
    built(lambda e: 10.0**e, uniform(-307, 308)),
    pick([1.0, 0.12, 0.1, 5e-324, 2.2e-308, 1.7976931348623157e308]),
)
"""Positive doubles: such as occur, and any."""

small_arrays = built(np.array, lists(ordinary, 3, least=1))
positive = one_of(ordinary, magnitudes, small_arrays)
signed = one_of(
    just(0.0), uniform(-3, 3), magnitudes, built(lambda x: -x, magnitudes), small_arrays
)

lead_arguments = fields(
    {
        "onsite": mostly(signed),
        "hopping": mostly(positive),
        "coupling": mostly(positive),
        "mu": mostly(signed),
        "temperature": mostly(positive),
    }
)


def _junction(plus: Draw, shapes: Draw) -> Draw:
    any_sign = built(lambda sign, x: sign * x, pick([-1.0, 0.0, 1.0]), plus)
    coupling = one_of(plus, plus, just(0.0))
    lead = built(qbnum.Lead, any_sign, plus, coupling, any_sign, plus)

    def draw(random: Random) -> qbnum.Junction:
        shape, level = shapes(random), any_sign(random)
        left, right = lead(random), lead(random)
        if random.randrange(2):
            right = replace(left, mu=right.mu, temperature=right.temperature)
        level = np.full(shape, level) if shape else level
        return qbnum.Junction(level, left, right, any_sign(random), plus(random))

    return draw


junctions = _junction(one_of(magnitudes, ordinary), pick([(), (), (2,), (0,), (2, 1)]))
"""Junctions of any scale that the record takes."""

usual = _junction(ordinary, pick([(), (), (2,), (0,), (2, 1)]))
plain = _junction(ordinary, just(()))
"""Junctions such as occur, and single ones of them."""

leads = built(lambda j: j.left, junctions)
