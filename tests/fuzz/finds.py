"""What the fuzzers found, each the smallest input that showed it: regression cases."""

from __future__ import annotations

import decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy

import qbnum
from qbsym import symbols
from tests.qbsym.cases import parameters

BASE = {"onsite": 0.0, "hopping": 1.0, "coupling": 0.12, "mu": 0.1, "temperature": 0.1}


def junction(level=0.4, **changes) -> qbnum.Junction:
    lead = qbnum.Lead(**{**BASE, **changes})
    return qbnum.Junction(level, lead, lead, 0.1, 0.1)


JUNCTION = junction()
FAR_HOPPINGS = qbnum.Junction(
    0.0, qbnum.Lead(0.0, 2.2e-308, 1.0, 0.0, 0.1), qbnum.Lead(0.0, 2.5e147, 0.0, 0.0, 1.3), 0.1, 0.1
)
OPPOSITE = qbnum.Lead(**{**BASE, "onsite": -1.7e308})
HEX = "0x1p" + "9" * 5000
PARAMETERS = parameters()
OTHER_DIGITS = "1e" + "\N{ARABIC-INDIC DIGIT NINE}" * 8


def case(what: str, entry: str, given: object):
    return pytest.param(entry, given, id=what)


FINDS = (
    # A masked value was taken for the number under its mask: np.ma.masked for 0.
    case("a masked number", "Lead", {**BASE, "mu": np.ma.masked}),
    case("an integer of too many digits", "Lead", {**BASE, "mu": 10**5000}),
    case(
        "a sum that overflows", "Junction.symmetric", {"level": 0.4, "mu_eq": 1e308, "bias": 1e308}
    ),
    case("an index that is a list", "transformations of a junction", (JUNCTION, "at", [[1, [2]]])),
    case("an index of 64 bits", "transformations of a junction", (JUNCTION, "at", [2**63])),
    case(
        "a factor of another shape",
        "transformations of a junction",
        (junction(level=np.zeros(0)), "scaled", (np.ones(2),)),
    ),
    # NaN in silence, with a warning at best.
    case("x^2 beyond the doubles", "functions of a lead", ("self_energy", JUNCTION.left, 1e155)),
    case("an onsite far off", "functions of a lead", ("self_energy", OPPOSITE, 1.7e308)),
    case(
        "(v/h)^2 beyond the doubles",
        "functions of energy",
        ("transmission", junction(coupling=1e155), 0.0),
    ),
    case("no lead at all", "functions of a lead", ("self_energy", None, 0.0)),
    case("an omega that is no array", "functions of energy", ("occupation", JUNCTION, [1, [2]])),
    case("a bound state at infinity", "bound_states", junction(coupling=1.3e142)),
    case("a band that vanishes beside another", "bound_states", FAR_HOPPINGS),
    case("no number of bound states", "steady_state", (JUNCTION, {"bound_states": [1, [2]]})),
    case("an engine that is an array", "steady_state", (JUNCTION, {"engine": np.ones(2)})),
    case(
        "infinite value and error", "steady_state", (junction(coupling=1e100, hopping=1e-100), {})
    ),
    case("dimensions that are a number", "conversions of a state", (JUNCTION, {}, 3.0)),
    case("names that are a number", "gradients", (JUNCTION, 3.0, None, {})),
    case("no parameters", "gradients", (JUNCTION, None, [], {})),
    case("axes that are a list", "sweep", (JUNCTION, [], {}, {})),
    case("workers that are text", "sweep", (JUNCTION, {"level": 0.1}, {}, {"workers": "x"})),
    case(
        "a block that is infinite",
        "sweep_to_file",
        (JUNCTION, {"level": 0.1}, {}, "a.nc", {"block": np.inf}),
    ),
    case(
        "a table of one point",
        "sweep_to_file",
        (JUNCTION, {"level": 0.1}, {}, "a.csv", {}),
    ),
    case(
        "points that are text",
        "maximize, minimize",
        ("maximize", "exergy", JUNCTION, {"level": (0, 1)}, {"points": "x"}),
    ),
    # Text was handed to SymPy, which evaluates it as Python.
    case(
        "text is code",
        "lambdify",
        {"expression": "__import__('os').getpid()", "args": None, "more": {}},
    ),
    case(
        "infinity as an expression", "lambdify", {"expression": sympy.zoo, "args": None, "more": {}}
    ),
    case("a number too long", "lambdify", {"expression": 10**5000, "args": None, "more": {}}),
    case("a name that is code", "export of code", (symbols.level, "c", "f(void){system();} g", ())),
    case("a list as a name", "functions of names", ("self_energy", [[], "inside"])),
    case("an order that is text", "limits by name", ("zero_temperature", ["energy", "1"])),
    case(
        "no parameters to evaluate", "evaluation of closed forms", ("limits", symbols.level, {}, 30)
    ),
    case(
        "an integral without limits",
        "evaluation of closed forms",
        ("limits", sympy.Integral(symbols.level, symbols.level), PARAMETERS, 30),
    ),
    case("a billion digits", "evaluation of closed forms", ("limits", symbols.level, {}, 10**9)),
    # Memory and time without bound.
    case("a decimal of a billion digits", "exact_number", decimal.Decimal("1e999999999")),
    case("a fraction of a million bits", "exact_number", Fraction(1, 2**10**6)),
    case("an exponent with an underscore", "numbers as text", "1e101_00101_00"),
    case(
        "an exponent in other digits",
        "numbers as text",
        "1e\u0669\u0669\u0669\u0669\u0669\u0669\u0669\u0669",
    ),
    # A hostile program's answer ended the check of it.
    case("an exponent of thousands of digits", "numbers as text", HEX),
    case(
        "the same in an answer",
        "answers",
        f'{{"id": "x", "values": {{"energy": "{HEX}"}}}}'.encode(),
    ),
    case("nested deep", "reference tables", b"[" * 3000),
    case("a value that is no number", "comparisons with an enclosure", (0, None, False)),
    case("a masked value", "comparisons with an enclosure", (0, np.ma.masked, False)),
    case("a complex value", "comparisons with an enclosure", (0, np.complex64(1j), False)),
    case("a masked number, exactly", "exact_number", np.ma.masked),
    case("a regime that is a number", "reference_junctions", {"regime": 3}),
    case(
        "refusals that are no exceptions",
        "assert_matches_reference",
        ({}, {"cases": "weak-1e-6", "refusals": 3}),
    ),
    case("occupations that are a slice", "reference", {"j": JUNCTION, "bound_states": slice(None)}),
    case(
        "occupations beyond the doubles",
        "reference",
        {"j": junction(level=3.0), "bound_states": 10**400},
    ),
)
