"""Derivatives of every observable by every parameter, exact to the quadrature's accuracy.

The quadrature of `steady_state` is differentiated as it stands: nodes, panels and poles move with
the parameters, so that the derivative of the sum is the sum of the derivatives, and nothing is
differenced. Eqs. (7)-(13) and (A4)-(A7). May import: numpy and the modules of qbnum.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import known_names, refuse_unless, require_memory
from qbnum._geometry import Points
from qbnum._pickling import ReadOnlyMappings
from qbnum._results import Integrals
from qbnum.model import Junction
from qbnum.observables import OBSERVABLES
from qbnum.steady_state import BYTES_PER_POINT, SteadyState, evaluated

Array: TypeAlias = NDArray[np.float64]

__all__ = ["COMBINED", "PARAMETERS", "Gradients", "gradients"]

PARAMETERS = (
    "level",
    *(f"left.{name}" for name in ("onsite", "hopping", "coupling", "mu", "temperature")),
    *(f"right.{name}" for name in ("onsite", "hopping", "coupling", "mu", "temperature")),
    "mu_eq",
    "temperature_eq",
)
"""The thirteen fields of a `Junction` by dotted name."""

BYTES_PER_DERIVATIVE = 48
"""What one derivative at one point takes: value and error, as parts, joined and as given back."""

COMBINED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "onsite": ("left.onsite", "right.onsite"),
        "hopping": ("left.hopping", "right.hopping"),
        "coupling": ("left.coupling", "right.coupling"),
        "bias": ("left.mu",),
        "temperature_gradient": ("left.temperature",),
    }
)
"""Parameters of `Junction.symmetric` that are no fields, and the fields that move with them.

``bias`` and ``temperature_gradient`` move the left reservoir, the equilibrium stays where it is.
The derivative by one is the sum of those by its fields, at any junction, of equal leads or not.
"""


@dataclass(frozen=True, eq=False)
class Gradients(ReadOnlyMappings, Mapping[tuple[str, str], Any]):
    """Derivatives by (observable, parameter), each a float or an array of the junction's shape.

    ``g["charge_current", "left.coupling"]`` is dI_Q/dv_L. Iteration runs over the pairs that have
    a value; asking for one whose observable is not defined under the bound-state policy raises
    `BoundStateError`.

    Attributes
    ----------
    state : SteadyState
        The steady state itself: values and their error estimates.
    error_estimate : mapping of (str, str) to float or array
        Absolute error estimate of every derivative: rounding, and the steady state's own errors,
        as shares of the absolute integral of the derivative's terms.
    observables, parameters : tuple of str
        What was differentiated, and by what.
    """

    state: SteadyState
    error_estimate: Mapping[tuple[str, str], Any]
    observables: tuple[str, ...]
    parameters: tuple[str, ...]
    _derivatives: Mapping[tuple[str, str], Any] = field(repr=False)

    def __getitem__(self, key: tuple[str, str]) -> Any:
        if key in self._derivatives:
            return self._derivatives[key]
        name = key[0] if isinstance(key, tuple) and len(key) == 2 else key
        if name in self.observables and key[1] in self.parameters:
            getattr(self.state, name)  # raises the BoundStateError that says why
        raise KeyError(
            f"{key!r}: a key is (observable, parameter), of {', '.join(self.observables)} and "
            f"{', '.join(self.parameters)}"
        )

    def __contains__(self, key: object) -> bool:
        return key in self._derivatives

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._derivatives)

    def __len__(self) -> int:
        return len(self._derivatives)

    def value(self, observable: str) -> Any:
        """Return the observable itself, as `SteadyState` gives it."""
        return getattr(self.state, observable)

    def jacobian(self, observable: str) -> NDArray[np.float64]:
        """Return an observable's derivatives along a last axis, in the order of ``parameters``.

        Masked derivatives (bound states) are NaN: an optimiser must not take them for numbers.
        """
        columns = [np.ma.filled(self[observable, p], np.nan) for p in self.parameters]
        return np.stack(np.broadcast_arrays(*columns), axis=-1)


def gradients(
    junction: Junction,
    observables: Collection[str] | None = None,
    parameters: Collection[str] | None = None,
    **options: Any,
) -> Gradients:
    """Return the derivatives of observables by parameters, and the observables themselves.

    Parameters
    ----------
    junction : Junction
        One junction, or arrays of them that broadcast.
    observables : collection of str, optional
        Names of `OBSERVABLES`; by default all that are defined under the bound-state policy.
    parameters : collection of str, optional
        Names of `PARAMETERS` (``"level"``, ``"left.coupling"``, ...) or of `COMBINED`
        (``"coupling"``: both leads' together); by default the thirteen of `PARAMETERS`. The work
        grows with the number of fields that they move.
    **options
        As in `steady_state`. Occupations of bound states stay fixed.

    Returns
    -------
    Gradients
        In units of the observable by energy.

    Raises
    ------
    ParameterError
        A name is unknown or given twice, or as in `steady_state`.
    BoundStateError
        An observable named in ``observables`` is not defined; by default it has no entry.
    ConvergenceError
        As in `steady_state`.

    Notes
    -----
    The observables are functions of the squares of the couplings, so derivatives by a coupling
    that is 0 are 0, and so are those by the other parameters of an uncoupled lead. At a
    threshold, where a bound state appears, there is no derivative: it is NaN. Next to it,
    derivatives may grow like the inverse square root of the distance. Moving a band edge that
    lies on one of the other band's, by one lead's onsite or hopping, gives the derivative all the
    same, though the observable goes on as the 3/2 power of the step. A derivative that vanishes
    by symmetry comes out as rounding, within its error estimate.

    Examples
    --------
    >>> j = Junction.symmetric(level=0.4, coupling=0.12, bias=0.5)
    >>> g = gradients(j, ["charge_current"], ["level", "bias"])
    >>> round(g["charge_current", "bias"], 12), g.error_estimate["charge_current", "bias"] < 1e-15
    (0.01545349056, True)
    """
    names = _chosen(observables, OBSERVABLES, "observable")
    given = _chosen(parameters, (*PARAMETERS, *COMBINED), "parameter", default=PARAMETERS)
    refuse_unless(Junction, "junction", junction)
    require_memory(
        math.prod(junction.shape),
        BYTES_PER_POINT + BYTES_PER_DERIVATIVE * len(names) * len(given),
        "give fewer, or name fewer observables and parameters",
    )
    state, found = _differentiated(junction, names, given, options)
    for name in names if observables is not None else ():
        getattr(state, name)
    values: dict[tuple[str, str], Any] = {}
    errors: dict[tuple[str, str], Any] = {}
    for name in names:
        if name not in state.available:
            continue
        like = getattr(state, name)
        for k, parameter in enumerate(given):
            values[name, parameter] = _shaped(found[name][0][k], like)
            errors[name, parameter] = _shaped(found[name][1][k], like)
    return Gradients(state, MappingProxyType(errors), names, given, MappingProxyType(values))


def _differentiated(
    junction: Junction, names: tuple[str, ...], given: tuple[str, ...], options: Mapping[str, Any]
) -> tuple[SteadyState, dict[str, tuple[Array, Array]]]:
    """Return the state, and observables' derivatives and their errors, (k, n)."""
    # Imported late: a quarter of the package, which only derivatives need.
    from qbnum._derivatives import Velocities, derivatives

    directions = {
        name: np.array([float(name in COMBINED.get(p, (p,))) for p in given]) for name in PARAMETERS
    }
    policy = options.get("bound_states", "error")
    at_level = options.get("two_state_reference") == "level"
    pieces: list[dict[str, tuple[Array, Array]]] = []

    def differentiate(points: Points, occupation: Array, done: Integrals) -> None:
        found = derivatives(
            points,
            Velocities.of(directions, len(points)),
            occupation,
            done,
            names,
            band_only=isinstance(policy, str) and policy == "exclude",
            at_level=at_level,
        )
        for name, (value, error) in found.items():
            power = {"1": 0, "energy": 1, "energy^2": 2}[OBSERVABLES[name].unit]
            unit = points.scale ** (1 - power)
            found[name] = value * unit, error * unit
        pieces.append(found)

    state = evaluated(junction, differentiate, **options)
    nothing = np.zeros((len(given), 0))

    def joined(name: str, part: int) -> Array:
        return np.concatenate([nothing, *(piece[name][part] for piece in pieces)], axis=1)

    return state, {name: (joined(name, 0), joined(name, 1)) for name in names}


def _chosen(
    asked: Collection[str] | None,
    known: Collection[str],
    kind: str,
    default: Collection[str] | None = None,
) -> tuple[str, ...]:
    if asked is None:
        return tuple(known if default is None else default)
    return known_names(kind, asked, known)


def _shaped(dots: NDArray[np.float64], like: Any) -> Any:
    """Return a derivative as its observable is: a float, an array, or a masked array."""
    dots = dots.reshape(np.shape(like))
    if isinstance(like, np.ma.MaskedArray):
        return np.ma.MaskedArray(dots, mask=like.mask)
    return dots if np.ndim(like) else float(dots)
