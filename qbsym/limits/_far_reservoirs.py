"""Far-away reservoirs: chemical potentials far outside the band, f_a = 1 or 0 throughout.

What is left over is exponentially small in the distance to the band over the temperature. By
default the left lead is far above, the right one and the reference far below: the largest bias.
Equal bands. Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .observables, .functions, .errors, .limits.core,
.limits._moments, .limits._linear_response.
"""

from __future__ import annotations

from types import MappingProxyType

from sympy import Expr, Integer, Min, Rational, exp, log, pi

from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError, UnknownNameError
from qbsym.limits._linear_response import over_bands
from qbsym.limits._moments import shares, spectral_moment, transmission_moment
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import OBSERVABLES, binary_entropy, observable

__all__ = ["ABSENT", "ENTRIES", "SIDES", "far_reservoirs", "rate"]

FAMILY = "far_reservoirs"

SIDES = ("above", "below")
"""Where a chemical potential lies with respect to the band."""

RESERVOIRS = {
    "L": (s.mu_L, s.temperature_L),
    "R": (s.mu_R, s.temperature_R),
    "eq": (s.mu_eq, s.temperature_eq),
}

DEFAULT = MappingProxyType({"L": "above", "R": "below", "eq": "below"})


def distance(reservoir: str, side: str) -> Expr:
    """Return how far a chemical potential is from the band, in units of its temperature."""
    mu, temperature = RESERVOIRS[reservoir]
    edge = 2 * s.hopping_L
    away = mu - s.onsite_L - edge if side == "above" else s.onsite_L - edge - mu
    return away / temperature


def rate(name: str, sides: MappingProxyType[str, str] | dict[str, str] = DEFAULT) -> Expr:
    """Return the exponent of what is neglected: exp(-rate), up to powers of the distances."""
    involved = {"equilibrium": ("eq",), "two_state_exergy": ("L", "R", "eq")}
    if name.startswith("equilibrium"):
        reservoirs: tuple[str, ...] = involved["equilibrium"]
    elif "exergy" in name:
        reservoirs = involved["two_state_exergy"]
    else:
        reservoirs = ("L", "R")
    nearest = Min(*(distance(a, sides[a]) for a in reservoirs))
    # First order cancels in the gap around an occupation that does not depend on omega, unless it
    # is 0 or 1, where the entropy has no slope.
    return 2 * nearest if name == "entropy_gap" and sides["L"] != sides["R"] else nearest


@takes_names
def far_reservoirs(
    name: str, *, left: str = "above", right: str = "below", equilibrium: str = "below"
) -> Expr:
    """Return an observable with every chemical potential far outside the band.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`, but the spectral weight.
    left, right, equilibrium : "above" or "below"
        Where each chemical potential lies.

    Returns
    -------
    Expr
        In the thirteen parameters; the two-state exergy and its gap hold the `Integral` of
        A exp(-+omega/T_eq).

    Raises
    ------
    NotDerivedError
        The spectral weight.
    UnknownNameError
        No such observable or side.
    """
    entry = observable(name)
    sides = {"L": left, "R": right, "eq": equilibrium}
    for side in sides.values():
        if side not in SIDES:
            raise UnknownNameError(f"no side {side!r}; there are {', '.join(SIDES)}")
    if (FAMILY, name) in ABSENT:
        raise NotDerivedError(f"{name} with far-away reservoirs: {ABSENT[FAMILY, name]}")
    full = {a: Integer(1 if side == "above" else 0) for a, side in sides.items()}
    share = shares()
    filled = share["L"] * full["L"] + share["R"] * full["R"]
    empty = share["L"] * (1 - full["L"]) + share["R"] * (1 - full["R"])
    mean = spectral_moment(1)
    drop = (full["L"] - full["R"]) / (2 * pi)
    # Of -ln f_eq and -ln(1 - f_eq) one is x_eq or -x_eq, the other exponentially small.
    exponent = (mean - s.mu_eq) / s.temperature_eq
    cost = filled * exponent if equilibrium == "below" else -empty * exponent
    values = {
        s.I_Q: drop * transmission_moment(0),
        s.J_E: drop * transmission_moment(1),
        s.S: binary_entropy(filled, empty),
        s.X: cost - binary_entropy(filled, empty),
        s.S_two: binary_entropy(filled, empty),
    }
    values[s.X_two] = _two_state_cost(filled, empty, equilibrium) - values[s.S]
    direct = {
        "particle_number": filled,
        "energy": filled * mean,
        "entropy": values[s.S],
        "exergy": values[s.X],
        "charge_current": values[s.I_Q],
        "energy_current": values[s.J_E],
        "equilibrium_particle_number": full["eq"],
        "equilibrium_energy": full["eq"] * mean,
        "equilibrium_entropy": Integer(0),
        "two_state_entropy": values[s.S_two],
        "two_state_exergy": values[s.X_two],
    }
    if name in direct:
        return direct[name]
    return entry.definition.subs(values, simultaneous=True)


def _two_state_cost(filled: Expr, empty: Expr, equilibrium: str) -> Expr:
    """Return -N ln d_eq (or -(1 - N) ln(1 - d_eq)), whose small argument is an integral."""
    sign = -1 if equilibrium == "below" else 1
    tail = over_bands(s.A * exp(sign * (s.omega - s.onsite_L) / s.temperature_eq))
    offset = (s.mu_eq - s.onsite_L) / s.temperature_eq
    return (filled if equilibrium == "below" else empty) * (sign * offset - log(tail))


PATH = MappingProxyType({mu: mu / epsilon for mu, _ in RESERVOIRS.values()})
"""All chemical potentials move away together."""

EXAMPLE = MappingProxyType(
    {
        "level": "0.3",
        "left.onsite": "0",
        "left.hopping": "0.5",
        "left.coupling": "0.25",
        "left.mu": "1.5",
        "left.temperature": "0.25",
        "right.onsite": "0",
        "right.hopping": "0.5",
        "right.coupling": "0.2",
        "right.mu": "-1.75",
        "right.temperature": "0.25",
        "mu_eq": "-1.6",
        "temperature_eq": "0.25",
    }
)

NAMES = tuple(name for name in OBSERVABLES if name != "spectral_weight")


def _limit(name: str) -> Limit:
    return Limit(
        expression=far_reservoirs(name),
        path=PATH,
        starts=Rational(0),
        remainder=None,
        assumptions=("equal bands", "no bound states", "mu_L far above, mu_R and mu_eq far below"),
        example=EXAMPLE,
        epsilons=tuple(Rational(1, n) for n in (4, 5, 6)),
        rate=rate(name),
    )


def _entry(name: str) -> Entry:
    return Entry(
        family=FAMILY,
        observable=name,
        order=1,
        statement=f"{name.replace('_', ' ').capitalize()} with mu_L far above the band, mu_R and "
        "mu_eq far below, up to exponentially small terms.",
        equation=observable(name).equation,
        derivation="far_reservoirs",
        build=lambda: _limit(name),
    )


ENTRIES: tuple[Entry, ...] = tuple(_entry(name) for name in NAMES)

ABSENT: dict[tuple[str, str], str] = {
    (FAMILY, "spectral_weight"): "it does not depend on the reservoirs",
}
