"""Exported code against the expressions' values: compiled C and Rust, JavaScript, and structure."""

import math
import re
import shutil
import subprocess
from fractions import Fraction

import pytest
from mpmath import mp
from sympy import I, Integral, Rational, Symbol, im, log, loggamma, polygamma, polylog
from sympy import re as real

import qbsym
from qbsym import export, limits
from qbsym import symbols as s
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP

u = Rational(1, 2) + s.temperature_L + I * s.mu_L

EXPRESSIONS = {
    "charge_current": limits.weak_coupling("charge_current"),
    "exergy": limits.weak_coupling("exergy"),
    "two_state_exergy": limits.weak_coupling("two_state_exergy"),
    "fermi": Fermi(s.mu_L / s.temperature_L) + 2 * LogFermi(-s.mu_L / s.temperature_L) / 3,
    "difference": FermiDifference(s.mu_L / s.temperature_L, s.mu_R / s.temperature_R),
    "certainty": PLogP(Fermi(-s.mu_L) * s.level, 1 - Fermi(-s.mu_L) * s.level),
    "digamma": real(polygamma(0, u)) - 2 * im(polygamma(0, u)) / 5,
    "log_gamma": real((u - 1) * polygamma(0, u) - loggamma(u)) + im(loggamma(u)),
    "dilogarithm": polylog(2, s.level) + polylog(2, -3 * s.level) + polylog(2, s.level / 3),
    "logarithm": log(s.hopping_L) / s.hopping_R**2 - s.hopping_L ** Rational(3, 2) / 7,
}

BASE = {
    "level": 0.4, "left.onsite": 0.1, "left.hopping": 1.0, "left.coupling": 0.2, "left.mu": 0.6,
    "left.temperature": 0.3, "right.onsite": 0.0, "right.hopping": 1.25, "right.coupling": 0.3,
    "right.mu": 0.1, "right.temperature": 0.2, "mu_eq": 0.05, "temperature_eq": 0.25,
}  # fmt: skip

POINTS = (
    BASE,
    BASE | {"left.mu": -0.7, "right.mu": 0.9, "level": 0.9, "left.temperature": 1.5},
    # Cold: exponents of a thousand must neither overflow nor cancel.
    BASE | {"left.temperature": 6e-4, "right.temperature": 5e-4},
)


def value_at(expression, point):
    return limits.evaluate(expression, {k: Fraction(v) for k, v in point.items()}, 30)


def literals(expression, point):
    known = {name.replace(".", "_"): value for name, value in point.items()}
    return [repr(known[name]) for name in export.arguments(expression)]


def calls(pattern):
    """Return the calls of all expressions at all points, in order, in a language's syntax."""
    return [
        pattern.format(name, ", ".join(literals(expression, point)))
        for name, expression in EXPRESSIONS.items()
        for point in POINTS
    ]


def in_c(directory):
    # One file each: every one of them is self-contained, so that its helpers are static.
    for name, expression in EXPRESSIONS.items():
        (directory / f"{name}.c").write_text(export.code(expression, "c", f"my_{name}"))
    heads = [
        f"double my_{n}({', '.join('double' for _ in export.arguments(e)) or 'void'});"
        for n, e in EXPRESSIONS.items()
    ]
    body = "\n".join(calls('printf("%.17g\\n", my_{}({}));'))
    (directory / "main.c").write_text(
        "#include <stdio.h>\n"
        + "\n".join(heads)
        + "\nint main(void) {\n"
        + body
        + "\nreturn 0; }\n"
    )
    sources = [str(path) for path in sorted(directory.glob("*.c"))]
    run("cc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-const-variable",
        "-o", str(directory / "program"), *sources, "-lm")  # fmt: skip
    return run(str(directory / "program"))


def in_javascript(directory):
    for name, expression in EXPRESSIONS.items():
        (directory / f"{name}.js").write_text(export.code(expression, "javascript", f"my_{name}"))
    lines = [f'const {{ my_{n} }} = require("./{n}.js");' for n in EXPRESSIONS]
    lines += calls("console.log(my_{}({}));")
    (directory / "main.js").write_text("\n".join(lines))
    return run("node", str(directory / "main.js"))


def in_rust(directory):
    for name, expression in EXPRESSIONS.items():
        (directory / f"{name}.rs").write_text(export.code(expression, "rust", f"my_{name}"))
    lines = [f"#[allow(warnings)] mod {n};" for n in EXPRESSIONS]
    body = "\n".join(calls('println!("{{:e}}", {0}::my_{0}({1}));'))
    (directory / "main.rs").write_text("\n".join(lines) + "\nfn main() {\n" + body + "\n}\n")
    run("rustc", "-o", str(directory / "program"), str(directory / "main.rs"))
    return run(str(directory / "program"))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    return [float(word) for word in done.stdout.split()]


@pytest.mark.parametrize(
    ("program", "values"), [("cc", in_c), ("node", in_javascript), ("rustc", in_rust)]
)
def test_exported_code_computes_the_expression(program, values, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    found = iter(values(tmp_path))
    for name, expression in EXPRESSIONS.items():
        for point in POINTS:
            value, expected = next(found), value_at(expression, point)
            assert math.isfinite(value), name
            # Formulas of a hundred operations in double precision; the exergy is a difference of
            # logarithms a hundred times larger than itself.
            error = abs(mp.mpf(value) - expected)
            assert error < 2e-13 * max(abs(expected), mp.mpf(10) ** -300), (name, point)
    assert next(found, None) is None


@pytest.mark.parametrize("language", export.LANGUAGES)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_every_language_gets_a_function_of_all_parameters_with_its_helpers(name, language):
    expression = EXPRESSIONS[name]
    code = export.code(expression, language, "my_limit", ["what it is"])
    assert "what it is" in code.splitlines()[0]
    names = export.arguments(expression)
    joined = code.replace("&\n    &", "")
    head = next(line for line in joined.splitlines() if "my_limit(" in line)
    assert all(re.search(rf"\b{argument}\b", head) for argument in names)
    # What is called is defined (or is the language's own): no name of qbsym is left.
    assert not re.search(
        r"\b(PLogP|LogFermi|FermiDifference|polygamma|polylog|loggamma|Log1p)\b", joined
    )
    for helper in ("fermi", "log_fermi", "re_digamma", "im_loggamma", "dilog"):
        if re.search(rf"\b{helper}\(", joined):
            assert re.search(rf"(double|function|fn) {helper}\(", joined), helper


def test_lines_of_fortran_keep_the_standards_length():
    for expression in EXPRESSIONS.values():
        code = export.code(expression, "fortran")
        assert max(map(len, code.splitlines())) <= 132
        assert code.count("pure double precision function") >= code.count("end function ") > 0


def test_arguments_are_the_parameters_that_matter_in_their_order():
    assert export.arguments(s.temperature_eq * s.level) == ("level", "temperature_eq")
    assert export.arguments(s.omega + s.coupling_R) == ("omega", "right_coupling")
    with pytest.raises(ValueError, match="parameters"):
        export.arguments(Symbol("q"))


def test_what_has_no_code_is_refused_by_name():
    with pytest.raises(qbsym.UnknownNameError, match="javascript"):
        export.code(s.level, "cobol")
    with pytest.raises(qbsym.NotDerivedError, match="integral"):
        export.code(Integral(s.omega, (s.omega, 0, s.level)), "c")
    with pytest.raises(qbsym.NotDerivedError, match="complex"):
        export.code(I * s.level, "c")
    for language in export.LANGUAGES:
        with pytest.raises(qbsym.NotDerivedError, match="polygamma"):
            export.code(polygamma(1, s.hopping_L), language)
