"""Forward-mode dual arrays: a NumPy array that carries its derivatives in k directions.

Array code written for NumPy runs on `Dual` unchanged: values are, bit for bit, what plain arrays
give, and every derivative follows by the chain rule. What has no rule raises ``TypeError``.

>>> import numpy as np
>>> x, y = independent([2.0, np.array([3.0, 4.0])])
>>> (x * np.exp(y - 3.0)).dots[:, 0]    # d/dx and d/dy at the first element
array([1., 2.])

May import: numpy, and each other.
"""

from qbnum._dual import elementwise, functions
from qbnum._dual.array import Dual, chain, constant, dots_of, independent, value_of

__all__ = [
    "Dual",
    "chain",
    "constant",
    "dots_of",
    "elementwise",
    "functions",
    "independent",
    "value_of",
]
