"""All integrals of a chunk of junctions: ordinary ones in one pass, the rest with care.

May import: numpy, private modules.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._adaptive import integrate_carefully
from qbnum._geometry import Points
from qbnum._ordinary import integrate_ordinary
from qbnum._results import Integrals
from qbnum._spectrum import spectrum

Array: TypeAlias = NDArray[np.float64]

_HARD = 256  # junctions integrated with care together: their nodes are kept for the second pass


def integrate(points: Points, occupation: Array) -> Integrals:
    """Return every integral of the points; ``occupation`` (n, 3) belongs to the bound states."""
    ordinary, done = integrate_ordinary(points, spectrum(points))
    rest = np.flatnonzero(~ordinary)
    for start in range(0, rest.size, _HARD):
        at = rest[start : start + _HARD]
        hard = points.take(at)
        done.put(at, integrate_carefully(hard, spectrum(hard), occupation[at]))
    return done
