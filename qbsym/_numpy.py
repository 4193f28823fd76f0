"""The double-precision backend of `qbsym.lambdify`. May import: sympy, numpy, scipy, qbsym."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr
from sympy.printing.numpy import NumPyPrinter

from qbsym._backend import Backend, Linked, link

__all__ = ["BACKEND"]


class _Printer(NumPyPrinter):
    """NumPy code in which functions of qbsym.functions are calls into the namespace."""

    def _call(self, expr: Expr) -> str:
        arguments = ", ".join(self._print(a) for a in expr.args)
        return f"{type(expr).__name__}({arguments})"

    _print_Fermi = _print_LogFermi = _print_FermiDifference = _print_PLogP = _call  # noqa: N815
    _print_loggamma = _print_polygamma = _call


def _namespace() -> dict[str, Any]:
    import numpy
    from scipy.special import digamma, expit, log_expit, loggamma, xlogy

    def fermi_difference(x: Any, y: Any) -> Any:
        low, high = numpy.minimum(x, y), numpy.maximum(x, y)
        magnitude = expit(-low) * expit(high) * -numpy.expm1(low - high)
        return numpy.copysign(magnitude, numpy.subtract(y, x))

    def p_log_p(p: Any, q: Any) -> Any:
        # Past one half the complement holds the digits; the clip keeps the unused branch quiet.
        return numpy.where(
            numpy.asarray(p) > 0.5, p * numpy.log1p(-numpy.minimum(q, 0.5)), xlogy(p, p)
        )

    def polygamma(order: int, z: Any) -> Any:
        if order:
            raise NotImplementedError("SciPy has the digamma function only at complex arguments")
        return digamma(z)

    return {
        "numpy": numpy,
        "loggamma": loggamma,
        "polygamma": polygamma,
        "Fermi": lambda x: expit(-x),
        "LogFermi": lambda x: log_expit(-x),
        "FermiDifference": fermi_difference,
        "PLogP": p_log_p,
    }


def _bind(linked: Linked, parameters: tuple[Any, ...]) -> Callable[..., Any]:
    import numpy

    given = [numpy.asarray(p) for p in parameters]
    constants = linked.prepare(*given)

    def bound(*variables: Any) -> tuple[Any, ...]:
        arrays = [numpy.asarray(v) for v in variables]
        shape = numpy.broadcast_shapes(*(a.shape for a in (*arrays, *given)))
        return tuple(
            numpy.asarray(v) if numpy.shape(v) == shape else numpy.broadcast_to(v, shape).copy()
            for v in linked.evaluate(constants, *arrays)
        )

    return bound


BACKEND = Backend(
    lower=lambda e: e,
    printer=lambda: _Printer({"fully_qualified_modules": True}),
    link=lambda source: link(source, _namespace()),
    bind=_bind,
    immutable=False,
)
