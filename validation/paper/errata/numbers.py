"""What the errata compute with: figures as printed, direct quadrature, a finite chain.

May import: numpy, scipy, qbsym, qbnum, validation.paper.protocol, .errata,
validation.witness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import entr, expit, rel_entr

import qbnum
import qbsym
from qbnum import Junction
from qbsym import printed, symbols
from validation.paper.errata.entry import Shift
from validation.paper.protocol import REGIMES, SEVERAL_BIASES, battery
from validation.witness import evolution
from validation.witness.chain import FiniteJunction, Parameters

__all__ = [
    "BIASES",
    "CHAIN",
    "CLEARLY",
    "DOUBLE",
    "as_printed",
    "at",
    "band_follows",
    "best_level",
    "compiled",
    "direct",
    "evolve",
    "largest_difference",
    "mapped",
    "shifts",
]

DOUBLE = 1e-11
"""Agreement of two routes in double precision: each is good to about 1e-13."""

CHAIN = 1e-9
"""Agreement with the finite chain at `TIME`: exp(-28) of the transient is left, measured 1e-12."""

CLEARLY = 1e-3
"""By how much two numbers must differ to count as different: far above both tolerances."""

NODES = 1 << 13
"""Midpoints in k: the resonance is 0.015 wide there, and errors fall as exp(-2 width nodes)."""

SITES, TIME = 600, 500.0
"""Chain length and time: before the echo at sites/hopping, and 28 times the level's life time."""

LEVELS = np.linspace(-1.0, 1.5, 126)
BIASES = np.linspace(0.0, 1.0, 101)
PER_WEIGHT = ("particle_number", "energy", "entropy", "exergy")
"""Integrals over A; the currents are integrals over tau."""

Array: TypeAlias = NDArray[np.float64]
Values: TypeAlias = Mapping[str, Any]


@cache
def compiled(form: Any) -> Any:
    """Return a qbsym expression as a function of omega and the thirteen parameters."""
    return qbsym.lambdify(form, (symbols.omega, *symbols.PARAMETERS))


def at(junction: Junction, form: Any) -> Callable[[Array], Any]:
    """Return a qbsym expression as a function of omega alone, at a junction's parameters."""
    parameters = tuple(junction.parameters.values())
    return lambda omega: compiled(form)(omega, *parameters)


def largest_difference(a: Any, b: Any) -> float:
    """Return max |a - b| in units of max |b|, for two curves at the same points."""
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b)))


# --- The printed self-energy through its mapping -------------------------------------------------


@cache
def _mapping() -> tuple[Any, ...]:
    forms = printed.mapped_junction()
    wanted = (symbols.level, symbols.coupling_L, symbols.coupling_R)
    expressions = (*(forms[symbol] for symbol in wanted), printed.coupling_ratio())
    return tuple(qbsym.lambdify(form, symbols.PARAMETERS) for form in expressions)


def mapped(junction: Junction) -> tuple[Junction, Any]:
    """Return the correct junction that the printed Sigma describes, and 1 + s."""
    level, left, right, ratio = (f(*junction.parameters.values()) for f in _mapping())
    sides = [
        qbnum.Lead(lead.onsite, lead.hopping, coupling, lead.mu, lead.temperature)
        for lead, coupling in ((junction.left, left), (junction.right, right))
    ]
    found = Junction(level, sides[0], sides[1], junction.mu_eq, junction.temperature_eq)
    return found, 1 + ratio


def band_follows(junction: Junction) -> Junction:
    """Return the junction whose bands are centred at the level: the printed dispersion."""
    sides = [
        qbnum.Lead(junction.level, lead.hopping, lead.coupling, lead.mu, lead.temperature)
        for lead in (junction.left, junction.right)
    ]
    return Junction(junction.level, sides[0], sides[1], junction.mu_eq, junction.temperature_eq)


def as_printed(junction: Junction) -> dict[str, Any]:
    """Return observables as they come out with the printed Sigma, by its exact mapping."""
    other, scale = mapped(junction)
    state = qbnum.steady_state(other)
    values = {name: getattr(state, name) / scale for name in (*PER_WEIGHT, "spectral_weight")}
    return values | {name: getattr(state, name) for name in ("charge_current", "energy_current")}


# --- Direct quadrature ---------------------------------------------------------------------------


def direct(
    junction: Junction, self_energy: Callable[[Array], Any], nodes: int = NODES
) -> dict[str, float]:
    """Return observables of a scalar junction with equal leads for any self-energy of one lead.

    Midpoint rule in k, omega = onsite - 2h cos k: exponentially accurate, the integrands are
    periodic and smooth. Plain formulas, no care for cancellation.

    Parameters
    ----------
    junction : Junction
    self_energy : callable
        One lead's complex Sigma^r at an array of omega inside the band.
    nodes : int
    """
    k = (np.arange(nodes) + 0.5) * np.pi / nodes
    h = float(junction.left.hopping)
    omega = float(junction.left.onsite) - 2 * h * np.cos(k)
    weight = 2 * h * np.sin(k) * np.pi / nodes
    sigma = self_energy(omega)
    green = 1 / (omega - junction.level - 2 * sigma)
    density, tau = -green.imag / np.pi * weight, 4 * sigma.imag**2 * np.abs(green) ** 2 * weight
    reservoirs = (
        (junction.left.mu, junction.left.temperature),
        (junction.right.mu, junction.right.temperature),
        (junction.mu_eq, junction.temperature_eq),
    )
    f_L, f_R, f_eq = (expit((mu - omega) / t) for mu, t in reservoirs)
    g_L, g_R, g_eq = (expit((omega - mu) / t) for mu, t in reservoirs)
    f, g = (f_L + f_R) / 2, (g_L + g_R) / 2
    return {
        "spectral_weight": float(density.sum()),
        "particle_number": float(density @ f),
        "energy": float(density @ (omega * f)),
        "entropy": float(density @ (entr(f) + entr(g))),
        "exergy": float(density @ (rel_entr(f, f_eq) + rel_entr(g, g_eq))),
        "charge_current": float(tau @ (f_L - f_R)) / (2 * np.pi),
        "energy_current": float(tau @ (omega * (f_L - f_R))) / (2 * np.pi),
    }


# --- How far figures move ------------------------------------------------------------------------


@dataclass(frozen=True)
class Curves:
    """Curves of a figure: an observable of junctions in an array."""

    figure: str
    observable: str
    junctions: Junction


@cache
def figures() -> tuple[Curves, ...]:
    """Return the curves whose displacement stands for that of all figures."""
    over_bias = battery(REGIMES["empty"], bias=BIASES)
    return (
        Curves("Fig. 2", "entropy", battery(LEVELS)),
        Curves("Fig. 3", "entropy", battery(LEVELS, bias=0.5)),
        Curves("Fig. 5c", "exergy", over_bias),
        Curves("Fig. 6", "exergy", battery(LEVELS, bias=np.array(SEVERAL_BIASES)[:, None])),
        Curves("Fig. 12a", "charge_current", over_bias),
        Curves("Fig. 12b", "energy_current", over_bias),
    )


def shifts(
    wrong: Callable[[Junction], Values], only: Sequence[str] | None = None
) -> tuple[Shift, ...]:
    """Return how far the figures' curves move when `wrong` computes them.

    Parameters
    ----------
    wrong : callable
        Junctions -> observables as printed, of the junctions' shape.
    only : sequence of str, optional
        Figures; all of `figures` by default.
    """
    found = []
    for curves in figures():
        if only is not None and curves.figure not in only:
            continue
        right = getattr(qbnum.steady_state(curves.junctions), curves.observable)
        change = np.abs(np.asarray(wrong(curves.junctions)[curves.observable]) - right)
        found.append(
            Shift(
                curves.figure,
                curves.observable,
                float(change.max()),
                float(np.abs(right).max()),
            )
        )
    return tuple(found)


def best_level(exergy: Callable[[Junction], Any], bias: float = 0.5) -> float:
    """Return the level of the largest exergy at a bias, as Fig. 6 shows it."""
    top = LEVELS[int(np.argmax(exergy(battery(LEVELS, bias=bias))))]
    found = minimize_scalar(
        lambda level: -float(exergy(battery(level, bias=bias))),
        bounds=(top - 0.05, top + 0.05),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(found.x)


# --- A finite chain ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChainState:
    """The level at a time: occupation, current from the left lead, mean of H_int."""

    number: float
    current_left: float
    coupling_energy: float


def evolve(
    junction: Junction, initial: float = 0.0, time: float = TIME, sites: int = SITES
) -> ChainState:
    """Return the level's state at a time, negative ones too, from the decoupled state of Sec. II.

    By the witness: ``sites`` in each lead, propagated exactly, no Green function.
    """
    chain = FiniteJunction(Parameters.of(junction), (sites, sites))
    number, energy, current, *_ = evolution.evolve(chain, np.array([time]), initial)[0]
    return ChainState(
        number=float(number),
        current_left=float(current),
        coupling_energy=2 * float(energy - chain.parameters.level * number),
    )
