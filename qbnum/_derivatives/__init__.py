"""Derivatives of the integrals and of the observables, by quadrature on moving nodes.

The panels of the quadrature are laid out by values alone. Then features, poles and bound states
move with the parameters (`motion`, `states`), nodes with them (`moved`), and what is summed over
the nodes is the derivative of weight times integrand (`rows`, `part`).

May import: numpy, private modules of qbnum.
"""

from qbnum._derivatives.sums import derivatives
from qbnum._derivatives.velocities import Velocities

__all__ = ["Velocities", "derivatives"]
