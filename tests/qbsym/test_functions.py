"""The named functions have the derivatives of what they stand for."""

import pytest
from sympy import diff, exp, simplify, symbols

from qbsym.functions import Fermi, FermiDifference, LogFermi

x, y = symbols("x y", real=True)


@pytest.mark.parametrize("function", [Fermi(x), LogFermi(x), FermiDifference(x, y)])
@pytest.mark.parametrize("variable", [x, y])
def test_the_derivative_is_that_of_the_exponentials(function, variable):
    explicit = diff(function.rewrite(exp), variable)
    assert simplify(diff(function, variable).rewrite(exp) - explicit) == 0
