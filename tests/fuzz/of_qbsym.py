"""The entries of `qbsym`: names, expressions, numbers of digits."""

from __future__ import annotations

from random import Random

import sympy

import qbsym
from qbsym import export, limits, matsubara, symbols
from tests.fuzz.draw import built, fields, just, lists, mapping, one_of, pick, tuples, uniform
from tests.fuzz.judge import Entry
from tests.fuzz.values import mostly, nasty, some, texts
from tests.qbsym.cases import parameters as usual_parameters

x = sympy.Symbol("x", real=True)

EXPRESSIONS = (
    symbols.omega, symbols.omega**2 + 1, sympy.Rational(1, 3), sympy.exp(-(symbols.omega**2)),
    sympy.I, sympy.sqrt(symbols.omega), sympy.Integer(2) ** 1000, sympy.oo, sympy.nan, sympy.zoo, x,
    sympy.Float(0.5), sympy.gamma(symbols.omega), sympy.Function("f")(symbols.omega),
    sympy.Integral(x, (x, 0, 1)), sympy.Integral(x, x), sympy.Matrix([[1, 2]]), sympy.Lt(x, 1),
    sympy.Symbol("os.system"), sympy.Symbol("1; import os"), sympy.true,
    symbols.mu_eq * symbols.level,
    sympy.Piecewise((symbols.omega, symbols.omega > 0), (0, True)), symbols.temperature_eq,
)  # fmt: skip

BY_NAME = {
    "observable": ("exergy",),
    "self_energy": ("L", "inside"),
    "surface_green": ("inside",),
    "broadening": ("R", "above"),
    "fermi": ("eq",),
    "green_retarded": ("inside", "below"),
    "spectral_function": ("inside",),
    "transmission": ("inside",),
    "occupation": ("inside", "above"),
    "bound_state": ("above",),
    "derivation": ("exergy_identity",),
    "closed_form": ("particle_number",),
    "printed_self_energy": ("L",),
    "printed_spectral_function": ("inside",),
    "printed_transmission": ("inside",),
    "integrands": ("above", "below", "numpy"),
    "periodic_integrand": ("energy",),
    "periodic_integrands": ("numpy",),
}
"""Functions of names, and names that they take at little cost."""

ARGUMENTS = {
    "onsager": 1,
    "exergy_stationarity": 0,
    "linear_response": 3,
    "limit": 3,
    **dict.fromkeys(
        ("band_edge", "far_reservoirs", "high_temperature", "optimum", "sommerfeld",
         "strong_coupling", "weak_coupling", "wide_band", "zero_temperature"),
        2,
    ),
}  # fmt: skip
"""How many the functions of `qbsym.limits` take by position."""

ORDERS = pick([0, -1, 10, 2**64, 10**6, 10**30, 1.5, "1", None, True, [], float("nan")])


def named(given) -> None:
    function, arguments = given
    getattr(qbsym, function)(*arguments)


def names(random: Random):
    function = random.choice(list(BY_NAME))
    known = BY_NAME[function]
    return function, [some(known)(random) for _ in known]


def limited(given) -> None:
    function, arguments = given
    getattr(limits, function)(*arguments)


def limit(random: Random):
    """Draw a limit and its arguments; a known name comes with an order that does not exist.

    To derive a limit takes seconds.
    """
    function = random.choice([name for name, count in ARGUMENTS.items() if count])
    known = some(["exergy", "energy", "weak_coupling"], one_of(nasty, texts))
    drawn = [known(random), *(ORDERS(random) for _ in range(ARGUMENTS[function] - 1))]
    return function, drawn[: 1 if function == "far_reservoirs" else None]


def compiled(given) -> None:
    qbsym.lambdify(given["expression"], given["args"], **given["more"])


SYMBOLS = [symbols.omega, x, *symbols.PARAMETERS]
LAMBDIFY = fields(
    {
        "expression": mostly(
            one_of(pick(EXPRESSIONS), lists(pick(EXPRESSIONS), 3)), one_of(texts, nasty)
        ),
        "args": mostly(one_of(just(None), lists(mostly(pick(SYMBOLS)), 4))),
        "more": fields(
            {}, {"backend": mostly(pick(qbsym.BACKENDS)), "variables": mostly(pick([0, 1, 2]))}
        ),
    }
)


def exported(given) -> None:
    expression, language, name, comment = given
    code = export.code(expression, language, name, comment)
    assert name in code
    assert export.arguments(expression) is not None


EXPORT = tuples(
    mostly(pick(EXPRESSIONS)),
    mostly(pick(export.LANGUAGES)),
    mostly(pick(["limit", "f1"]), one_of(texts, pick(["a b", "f(); system", "f\n", "é"]))),
    mostly(lists(texts, 2)),
)


def evaluated(given) -> None:
    which, what, parameters, digits = given
    if which == "matsubara":
        matsubara.evaluate(what, parameters, digits)
    elif which == "all":
        matsubara.evaluate_all(parameters, digits, ("particle_number",))
    else:
        limits.evaluate(what, parameters, digits)


def parameters(random: Random):
    given = usual_parameters()
    for _ in range(random.randrange(3)):
        given[random.choice(list(given))] = mostly(uniform(0, 2))(random)
    if random.randrange(8) == 0:
        del given[random.choice(list(given))]
    return given


DIGITS = mostly(pick([1, 10, 30]), one_of(pick([0, -1, 10**9, 10**30]), nasty))

EVALUATE = one_of(
    tuples(just("matsubara"), some(matsubara.NAMES), mostly(built(dict, parameters)), DIGITS),
    tuples(just("all"), just(None), mostly(parameters), DIGITS),
    tuples(just("limits"), mostly(pick(EXPRESSIONS)), mostly(parameters), DIGITS),
    tuples(just("limits"), mostly(pick(EXPRESSIONS)), mapping(texts, nasty, 3), DIGITS),
)

ENTRIES = (
    Entry("functions of names", tuple(f"qbsym.{n}" for n in BY_NAME), names, named),
    Entry("limits by name", tuple(f"qbsym.limits.{n}" for n in ARGUMENTS), limit, limited),
    Entry("lambdify", ("qbsym.lambdify",), LAMBDIFY, compiled),
    Entry("export of code", ("qbsym.export.code", "qbsym.export.arguments"), EXPORT, exported),
    Entry(
        "evaluation of closed forms",
        ("qbsym.limits.evaluate", "qbsym.matsubara.evaluate", "qbsym.matsubara.evaluate_all"),
        EVALUATE,
        evaluated,
        60,
    ),
)
