"""Two routes to the numbers that the claims are judged by; they share no code.

`Fast` is qbnum. `Symbolic` is SymPy's periodic integrands, summed by the trapezoidal rule and by
Fejer's in k: no panels, no poles, no stable forms of another's making. A claim is written against
the interface, so that either can judge it. May import: numpy, scipy.fft, qbnum, qbsym,
validation.paper.protocol.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import qbnum
from validation.paper.protocol import BASE, battery

__all__ = ["Array", "Fast", "Route", "Symbolic"]

Array: TypeAlias = NDArray[np.float64]

RATE = 37.0
"""Geometric convergence is over when exp(-RATE) is below the rounding of a double."""

BLOCK = 2**17
"""Nodes times points evaluated together: an array of 1 MB stays in a processor's cache."""

LEAST_NODES = 1200


class Route(Protocol):
    """How a claim gets its numbers: observables and functions of energy for the paper's battery.

    ``level``, ``bias`` and ``gradient`` broadcast; other parameters are those of
    ``Junction.symmetric`` and default to the paper's.
    """

    name: str

    def __call__(
        self,
        names: str,
        level: ArrayLike,
        bias: ArrayLike = 0.0,
        gradient: ArrayLike = 0.0,
        **other: Any,
    ) -> Any:
        """Return one observable's array, or a list for several names separated by blanks."""

    def transmission(self, level: float, omega: ArrayLike) -> Array:
        """Return tau, Eq. (6), inside the band."""

    def spectral_function(self, level: float, omega: ArrayLike) -> Array:
        """Return A inside the band."""


class Fast:
    """qbnum: the fast layer in double precision."""

    name = "qbnum"

    def __call__(
        self,
        names: str,
        level: ArrayLike,
        bias: ArrayLike = 0.0,
        gradient: ArrayLike = 0.0,
        **other: Any,
    ) -> Any:
        """Return the observables."""
        state = qbnum.steady_state(battery(level, bias, gradient, **other))
        found = [np.asarray(getattr(state, name)) for name in names.split()]
        return found if len(found) > 1 else found[0]

    def transmission(self, level: float, omega: ArrayLike) -> Array:
        """Return tau, Eq. (6), inside the band."""
        return np.asarray(qbnum.transmission(battery(level), omega))

    def spectral_function(self, level: float, omega: ArrayLike) -> Array:
        """Return A inside the band."""
        return np.asarray(qbnum.spectral_function(battery(level), omega))


class Symbolic:
    """SymPy's integrands in k, on nodes that know nothing of the junction."""

    name = "qbsym"

    def __init__(self) -> None:
        """Prepare to derive and compile what is asked for, which takes some seconds."""
        import qbsym

        self._qbsym = qbsym
        self._compiled: dict[Any, Any] = {}

    def __call__(
        self,
        names: str,
        level: ArrayLike,
        bias: ArrayLike = 0.0,
        gradient: ArrayLike = 0.0,
        **other: Any,
    ) -> Any:
        """Return the observables from sums over k."""
        shape = np.broadcast_shapes(*(np.shape(x) for x in (level, bias, gradient)))
        wanted = names.split()
        parameters = _parameters(level, bias, gradient, shape, BASE | other)
        values = self._observables(wanted, parameters)
        found = [values[name].reshape(shape) for name in wanted]
        return found if len(found) > 1 else found[0]

    def transmission(self, level: float, omega: ArrayLike) -> Array:
        """Return tau, Eq. (6), inside the band."""
        return self._of_energy(self._qbsym.transmission, level, omega)

    def spectral_function(self, level: float, omega: ArrayLike) -> Array:
        """Return A inside the band."""
        return self._of_energy(self._qbsym.spectral_function, level, omega)

    def _of_energy(self, expression: Any, level: float, omega: ArrayLike) -> Array:
        q = self._qbsym
        if expression not in self._compiled:
            arguments = (q.symbols.omega, *q.symbols.PARAMETERS)
            self._compiled[expression] = q.lambdify(expression(), arguments, "numpy", variables=1)
        parameters = _parameters(level, 0.0, 0.0, (), BASE)
        bound = self._compiled[expression].bind(*(float(p[0]) for p in parameters))
        return np.asarray(bound(np.asarray(omega, dtype=float)), dtype=float)

    def _observables(self, wanted: list[str], parameters: list[Array]) -> dict[str, Array]:
        needed = {part for name in wanted for part in PARTS.get(name, (name,))}
        values = self._integrals(sorted(needed), parameters)
        mu_left, mu_right, t_left, t_right = (parameters[i] for i in (4, 9, 5, 10))
        if "energy_current" in needed and "charge_current" in needed:
            current, energy = values["charge_current"], values["energy_current"]
            values["heat_current_left"] = energy - mu_left * current
            values["entropy_production"] = (mu_left / t_left - mu_right / t_right) * current - (
                1 / t_left - 1 / t_right
            ) * energy
        if "two_state_entropy" in wanted:
            n = values["particle_number"]
            values["two_state_entropy"] = -n * np.log(n) - (1 - n) * np.log1p(-n)
        if "two_state_exergy" in wanted:
            n, d = values["particle_number"], values["equilibrium_particle_number"]
            values["two_state_exergy"] = n * np.log(n / d) + (1 - n) * np.log((1 - n) / (1 - d))
        return values

    def _integrals(self, names: list[str], parameters: list[Array]) -> dict[str, Array]:
        """Return integrals over the band, an array over the points each."""
        q = self._qbsym
        nodes = _node_count(parameters)
        k = (np.arange(nodes) + 0.5) * np.pi / nodes
        even = np.full(nodes, np.pi / nodes)
        odd = fejer_weights(nodes) / np.sin(k)
        weights = [
            (odd if q.PARITY[name] == "odd" else even)
            * float(q.observable(name).prefactor.evalf(20))
            for name in names
        ]
        integrands = self._integrands(tuple(names))
        points = parameters[0].size
        step = max(1, BLOCK // nodes)
        total = {name: np.empty(points) for name in names}
        for start in range(0, points, step):
            block = slice(start, start + step)
            columns = [p[block, None] for p in parameters]
            for name, weight, row in zip(names, weights, integrands(k, *columns), strict=True):
                total[name][block] = np.broadcast_to(row, (columns[0].size, nodes)) @ weight
        return total

    def _integrands(self, names: tuple[str, ...]) -> Any:
        q = self._qbsym
        if names not in self._compiled:
            self._compiled[names] = q.lambdify(
                [q.periodic_integrand(name) for name in names],
                (q.symbols.k, *q.symbols.PARAMETERS),
                "numpy",
                variables=1,
            )
        return self._compiled[names]


PARTS = {
    "heat_current_left": ("charge_current", "energy_current"),
    "entropy_production": ("charge_current", "energy_current"),
    "two_state_entropy": ("particle_number",),
    "two_state_exergy": ("particle_number", "equilibrium_particle_number"),
}
"""Combinations and the integrals that they are made of."""


def fejer_weights(count: int) -> Array:
    """Return the weights of Fejer's first rule on [-1, 1] at cos((j + 1/2) pi/count)."""
    from scipy.fft import dct

    series = np.zeros(count)
    m = np.arange(1, (count + 1) // 2)
    series[0] = 1.0
    series[2 * m] = -1.0 / (4.0 * m**2 - 1.0)
    return np.asarray(dct(series, type=3)) * 2 / count


def _parameters(
    level: ArrayLike, bias: ArrayLike, gradient: ArrayLike, shape: Any, p: dict[str, Any]
) -> list[Array]:
    """Return the thirteen parameters in their fixed order, flat, mu_eq + bias rounded once."""
    mu, temperature = p["mu_eq"], p["temperature_eq"]
    lead = (p["onsite"], p["hopping"], p["coupling"])
    values = (
        level, *lead, mu + np.asarray(bias, float), temperature + np.asarray(gradient, float),
        *lead, mu, temperature, mu, temperature,
    )  # fmt: skip
    return [np.broadcast_to(np.asarray(v, float), shape).ravel() for v in values]


def _node_count(parameters: list[Array]) -> int:
    """Return the nodes over [0, pi] from the nearest singularity in the complex k plane.

    The poles of G^r lie about Gamma/2 = v^2/h from the axis in omega (two equal leads, level not
    at an edge), those of the Fermi functions pi T; dk is about d omega/2h.
    """
    coupling, hopping = float(np.min(parameters[3])), float(np.min(parameters[2]))
    coldest = min(float(np.min(parameters[i])) for i in (5, 10, 12))
    distance = min(coupling**2 / hopping, math.pi * coldest / 2) / (2 * hopping)
    return max(LEAST_NODES, math.ceil(RATE / (2 * distance)))
