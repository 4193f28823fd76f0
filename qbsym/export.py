"""Closed forms as code: self-contained functions in C, Fortran, Julia, Rust and JavaScript.

SymPy's printers write the formulas, common subexpressions are named, and whatever a language lacks
(Fermi functions that do not overflow, digamma of a complex argument, ...) is put in front.
May import: sympy, qbsym.symbols, .errors, ._export_helpers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap
from typing import Any

from sympy import Expr, Integral, Symbol, cse, numbered_symbols, pi
from sympy.core.function import AppliedUndef
from sympy.printing.c import C99CodePrinter
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.fortran import FCodePrinter
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.julia import JuliaCodePrinter
from sympy.printing.rust import RustCodePrinter

from qbsym import symbols as s
from qbsym._checks import shown
from qbsym._export_helpers import Helper, Log1p, helpers, lower
from qbsym.errors import NotDerivedError, ParameterError, UnknownNameError

__all__ = ["LANGUAGES", "arguments", "code"]

PI = "3.14159265358979323846"

COLUMNS = 96
"""Width of comments, and of Fortran's lines."""


_RUST_METHODS = {
    **{f: f for f in ("exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "acos", "asin")},
    **{"atan2": "atan2", "Abs": "abs", "log": "ln", "sign": "signum", "Log1p": "ln_1p"},
}


class _Rust(RustCodePrinter):
    """Rust has no implicit conversion: every number outside an exponent is written as a float."""

    def _print_Integer(self, expr: Expr) -> str:
        return f"{int(expr)}_f64" if expr >= 0 else f"({int(expr)}_f64)"

    def _print_Rational(self, expr: Expr) -> str:
        return f"({int(expr.p)}_f64/{int(expr.q)}_f64)"

    _print_Half = _print_Rational  # noqa: N815
    _print_NegativeOne = _print_One = _print_Zero = _print_Integer  # noqa: N815

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        base, power = expr.args
        inner = f"({self._print(base)})"
        if power.is_Integer:
            return f"{inner}.powi({int(power)})"
        return f"{inner}.sqrt()" if power * 2 == 1 else f"{inner}.powf({self._print(power)})"

    def _print_Mul(self, expr: Expr) -> str:
        return "*".join(f"({self._print(a)})" if a.is_Add else self._print(a) for a in expr.args)

    def _print_Add(self, expr: Expr, order: Any = None) -> str:
        return " + ".join(self._print(a) for a in expr.args)

    def _print_Piecewise(self, expr: Expr) -> str:
        branches = [
            f"if {self._print(condition)} {{ {self._print(value)} }}"
            for value, condition in expr.args[:-1]
        ]
        return f"({' else '.join(branches)} else {{ {self._print(expr.args[-1].expr)} }})"

    def _print_Function(self, expr: Expr) -> str:
        name = type(expr).__name__
        written = [self._print(a) for a in expr.args]
        if name in _RUST_METHODS:
            first, *rest = written
            return f"({first}).{_RUST_METHODS[name]}({', '.join(rest)})"
        if name in self.known_functions:
            return f"{self.known_functions[name]}({', '.join(written)})"
        raise NotDerivedError(f"{name} has no code in rust")

    _print_Abs = _print_sign = _print_exp = _print_log = _print_atan2 = _print_Function  # noqa: N815


class _Fortran(FCodePrinter):
    """Integers are written as double precision, so that no quotient is truncated."""

    def _print_Integer(self, expr: Expr) -> str:
        return f"{int(expr)}.0d0"

    _print_NegativeOne = _print_One = _print_Zero = _print_Integer  # noqa: N815

    def _print_Pow(self, expr: Expr) -> str:
        base, power = expr.args
        if power.is_Integer and power > 0:
            return f"({self._print(base)})**{int(power)}"
        if power.is_Integer:
            return f"1.0d0/({self._print(base)})" + (f"**{int(-power)}" if power != -1 else "")
        return f"sqrt({self._print(base)})" if power * 2 == 1 else super()._print_Pow(expr)

    def _print_Mul(self, expr: Expr) -> str:
        return "*".join(f"({self._print(a)})" for a in expr.args)


class _Julia(JuliaCodePrinter):
    """Scalar code: no dots in front of the operators."""

    def doprint(self, expr: Any, assign_to: Any = None) -> str:
        return super().doprint(expr, assign_to).replace(" .", " ").replace(".^", "^")


@dataclass(frozen=True)
class Language:
    """How a function is written in a language: printer, and templates of its parts."""

    printer: Any
    settings: dict[str, Any]
    comment: str
    prelude: str
    head: str
    argument: str
    local: str
    result: str
    end: str
    epilogue: str = ""
    renamed: tuple[tuple[str, str], ...] = (("Log1p", "log1p"),)
    scope: str = ""


FORTRAN_LOG1P = """! ln(1 + x): the rounding of u = 1 + x is undone by x/(u - 1)
pure double precision function log1p_(x) result(value)
    implicit none
    double precision, intent(in) :: x
    double precision :: u
    u = 1.0d0 + x
    if (u == 1.0d0) then
        value = x
    else
        value = log(u)*x/(u - 1.0d0)
    end if
end function log1p_
"""

LANGUAGES = {
    "c": Language(
        C99CodePrinter, {}, "// ", f"#include <math.h>\n\nstatic const double pi_ = {PI};\n",
        "double {name}({arguments})\n{{", "double {}", "    const double {} = {};",
        "    return {};", "}", scope="static ",
    ),
    "fortran": Language(
        _Fortran, {"source_format": "free", "standard": 2003, "human": False}, "! ", FORTRAN_LOG1P,
        "pure double precision function {name}({arguments}) result(value)\n    implicit none",
        "{}", "    {} = {}", "    value = {}", "end function {name}",
        renamed=(("Log1p", "log1p_"),),
    ),
    "julia": Language(
        _Julia, {}, "# ", "const pi_ = Float64(pi)\n",
        "function {name}({arguments})", "{}::Float64", "    {} = {}", "    return {}", "end",
        "", (("atan2", "atan"), ("Log1p", "log1p")),
    ),
    "rust": Language(
        _Rust, {}, "// ", "#![allow(unused_parens)]\nconst PI_: f64 = std::f64::consts::PI;\n",
        "pub fn {name}({arguments}) -> f64 {{", "{}: f64", "    let {} = {};", "    {}", "}",
    ),
    "javascript": Language(
        JavascriptCodePrinter, {}, "// ", "const pi_ = Math.PI;\n",
        "function {name}({arguments}) {{", "{}", "  const {} = {};", "  return {};", "}",
        'if (typeof module !== "undefined") module.exports = {{ {name} }};\n',
        (("Log1p", "Math.log1p"),),
    ),
}  # fmt: skip
"""What `code` writes."""


def arguments(expression: Expr) -> tuple[str, ...]:
    """Return the names of the arguments of an exported function, in their order.

    Those of the thirteen parameters that the expression depends on, with underscores for dots.

    Raises
    ------
    ParameterError
        No expression, or one of other symbols.
    """
    _refuse_other(expression)
    known = {symbol: name.replace(".", "_") for symbol, name in _names().items()}
    unknown = expression.free_symbols - set(known)
    if unknown:
        listed = shown(sorted(map(str, unknown)))
        raise ParameterError(f"no name for {listed}: not one of the parameters")
    return tuple(name for symbol, name in known.items() if symbol in expression.free_symbols)


def _names() -> dict[Symbol, str]:
    return {s.omega: "omega", **dict(zip(s.PARAMETERS, s.PARAMETER_NAMES, strict=True))}


def code(expression: Expr, language: str, name: str = "limit", comment: Sequence[str] = ()) -> str:
    """Return a self-contained function that evaluates an expression in double precision.

    Parameters
    ----------
    expression : Expr
        In the thirteen parameters (and omega), without integrals.
    language : str
        One of `LANGUAGES`.
    name : str
        Of the function.
    comment : sequence of str
        Lines put above it.

    Raises
    ------
    UnknownNameError
        No such language.
    ParameterError
        No expression, or a name that no language takes.
    NotDerivedError
        The expression holds an integral, is complex, or needs a function that has no code.
    """
    if not isinstance(language, str) or language not in LANGUAGES:
        raise UnknownNameError(f"no language {shown(language)}; there are {', '.join(LANGUAGES)}")
    _refuse_other(expression)
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,60}", name):
        raise ParameterError(f"name = {shown(name)}; give letters, digits and underscores")
    lines = (comment,) if isinstance(comment, str) else comment
    if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
        raise ParameterError(f"comment = {shown(comment)}; give lines of text")
    if expression.has(Integral):
        raise NotDerivedError(
            "the expression holds an integral over the band, which is no closed form: it cannot "
            "be exported as code (qbsym.limits.evaluate computes it)"
        )
    given = LANGUAGES[language]
    lowered = lower(expression)
    renamed = {
        symbol: Symbol(dotted.replace(".", "_"), real=True) for symbol, dotted in _names().items()
    }
    main = Helper(
        name,
        tuple(Symbol(argument, real=True) for argument in arguments(expression)),
        lowered.xreplace(renamed),
        "",
    )
    needed = _needed(lowered)
    blocks = [f"{given.comment}{line}".rstrip() for text in lines for line in _wrapped(text)]
    if given.prelude:
        blocks.append(given.prelude)
    blocks += [_function(helper, language) for helper in needed]
    blocks.append(_function(main, language))
    if given.epilogue:
        blocks.append(given.epilogue.format(name=name))
    return "\n".join(blocks).rstrip() + "\n"


def _refuse_other(expression: Any) -> None:
    if not isinstance(expression, Expr):
        raise ParameterError(f"{shown(expression)} is no SymPy expression")


def _wrapped(text: str) -> list[str]:
    return wrap(text, COLUMNS) or [""]


def _needed(expression: Expr) -> list[Helper]:
    """Return the helpers that an expression calls, and those that these call, callees first."""
    wanted: set[Any] = set()
    waiting = [expression]
    while waiting:
        used = {type(f) for f in waiting.pop().atoms(*helpers())} - wanted
        wanted |= used
        waiting += [helpers()[function].value for function in used]
    return [helper for function, helper in helpers().items() if function in wanted]


@lru_cache(maxsize=128)
def _function(helper: Helper, language: str) -> str:
    given = LANGUAGES[language]
    names = {function.__name__: known.name for function, known in helpers().items()}
    settings = {"user_functions": names | dict(given.renamed), **given.settings}
    printer = given.printer(settings)
    constant = Symbol("PI_" if language == "rust" else "pi_")

    def printed(expression: Expr) -> str:
        try:
            found: Any = printer.doprint(expression.xreplace({pi: constant}))
        except PrintMethodNotImplementedError as error:
            what = str(error).splitlines()[0].rpartition(": ")[2]
            raise NotDerivedError(f"{what} has no code in {language}") from error
        if isinstance(found, tuple):
            _, unsupported, found = found
        else:
            unsupported = getattr(printer, "_not_supported", ())
        unknown = {type(f).__name__ for f in expression.atoms(AppliedUndef)} | {
            str(e) for e in unsupported
        }
        if unknown or "Not supported" in str(found):
            raise NotDerivedError(
                f"{', '.join(sorted(unknown)) or expression} has no code in {language}"
            )
        # Fortran's printer breaks lines of its own; `_continued` does it for good.
        return re.sub(r"(?<=\() +| +(?=\))", "", re.sub(r"\s*&?\n\s*", " ", str(found)))

    shared, (value,) = cse([helper.value], symbols=numbered_symbols("t"), order="none")
    written = ", ".join(given.argument.format(a.name) for a in helper.arguments)
    lines = []
    if helper.comment:
        lines.append(f"{given.comment}{helper.comment}")
    scope = given.scope if helper.comment else ""
    lines.append(scope + given.head.format(name=helper.name, arguments=written))
    if language == "fortran":
        lines += _declarations(helper, [str(symbol) for symbol, _ in shared])
    lines += [given.local.format(symbol, printed(part)) for symbol, part in shared]
    lines.append(given.result.format(printed(value)))
    lines.append(given.end.format(name=helper.name) if language == "fortran" else given.end)
    if language == "fortran":
        lines = [piece for line in lines for piece in _continued(line)]
    return "\n".join(lines) + "\n"


def _declarations(helper: Helper, locals_: Sequence[str]) -> list[str]:
    called = sorted({f.name for f in _needed(helper.value)} & _direct(helper.value))
    lines = [f"    double precision, parameter :: pi_ = {PI}d0"]
    if helper.arguments:
        names = ", ".join(a.name for a in helper.arguments)
        lines.append(f"    double precision, intent(in) :: {names}")
    if locals_:
        lines.append(f"    double precision :: {', '.join(locals_)}")
    taken_by = {h.name: ", ".join(a.name for a in h.arguments) for h in helpers().values()}
    if helper.value.has(Log1p):
        taken_by["log1p_"] = "x"
        called.append("log1p_")
    if called:
        lines.append("    interface")
        for name in called:
            taken = taken_by[name]
            lines += [
                f"        pure double precision function {name}({taken}) result(value)",
                f"            double precision, intent(in) :: {taken}",
                "        end function",
            ]
        lines.append("    end interface")
    return lines


def _direct(expression: Expr) -> set[str]:
    return {helpers()[type(f)].name for f in expression.atoms(*helpers())}


def _continued(line: str) -> list[str]:
    """Return a Fortran line cut where the standard's limit asks for it."""
    parts = []
    while len(line) > COLUMNS:
        parts.append(line[:COLUMNS] + "&")
        line = "    &" + line[COLUMNS:]
    return [*parts, line]
