"""The named functions have the derivatives of what they stand for."""

import pytest
from sympy import diff, exp, latex, simplify, symbols

from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP

x, y = symbols("x y", real=True)


@pytest.mark.parametrize("function", [Fermi(x), LogFermi(x), FermiDifference(x, y)])
@pytest.mark.parametrize("variable", [x, y])
def test_the_derivative_is_that_of_the_exponentials(function, variable):
    explicit = diff(function.rewrite(exp), variable)
    assert simplify(diff(function, variable).rewrite(exp) - explicit) == 0


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (Fermi(x), r"f\left(x\right)"),
        (LogFermi(x), r"\ln f\left(x\right)"),
        (FermiDifference(x, y), r"\left[f\left(x\right) - f\left(y\right)\right]"),
        (PLogP(x, y), r"\left(x\right) \ln\left(x\right)"),
    ],
)
def test_they_print_as_they_are_written_by_hand(function, text):
    assert latex(function) == text
    assert "3" not in text
    assert "{3}" in latex(function**3)
