"""Mistakes that need another integral: computed on a handful of cases where that is easy.

Integrands from qbsym, a composite Gauss-Legendre rule in theta with omega = onsite - 2h cos theta,
Eqs. (6)-(13). The rule is uniform, so only cases whose features are wide are taken, and of these
only those whose right values it reproduces. May import: numpy, qbsym, .mistakes_models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from validation.conformance.mistakes_models import (
    CURRENTS,
    Array,
    Model,
    Scene,
    Values,
    with_combinations,
)
from validation.references import OBSERVABLES

if TYPE_CHECKING:
    from validation.reference_table import TableCase

__all__ = ["KINDS", "integral_models"]

PANELS, NODES = 800, 12
"""Half a panel is 4e-3 hoppings at most: the nearest pole that `WIDE` admits leaves an error of
2.9^-24 = 1e-11."""

CASES = 8
"""Cases on which such a mistake is looked for: 17 observables each are evidence enough."""

WIDE = 5e-3
"""Smallest half width of the resonance and smallest temperature that are taken, in hoppings."""

VERIFIED = 1e-8
"""Agreement of the rule with the right values, a hundredth of what a match asks for."""

Base = Callable[[Mapping[str, float]], dict[str, Array]]


@cache
def _rule() -> tuple[Array, Array]:
    """Return nodes and weights of the composite rule on 0 ... pi."""
    x, weight = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(0, np.pi, PANELS + 1)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    theta = (edges[:-1, None] + half) + half * x
    return theta.ravel(), (half * weight).ravel()


def _nodes(p: Mapping[str, float]) -> tuple[Array, Array]:
    """Return energies and weights over the band that both leads share."""
    theta, weight = _rule()
    hopping = p["left.hopping"]
    return p["left.onsite"] - 2 * hopping * np.cos(theta), 2 * hopping * np.sin(theta) * weight


@cache
def _right_integrands() -> tuple[tuple[str, ...], Array, Any]:
    """Return names, prefactors and the compiled integrands of qbsym."""
    from qbsym.callables import integrands
    from qbsym.observables import INTEGRALS, observable

    prefactors = np.array([float(observable(name).prefactor) for name in INTEGRALS])
    return INTEGRALS, prefactors, integrands()


def _integrals(p: Mapping[str, float], density_ratio: Any = 1.0) -> Values:
    """Return the integrals with A and tau, of which each integrand has one, times a ratio."""
    names, prefactors, compiled = _right_integrands()
    omega, weight = _nodes(p)
    columns = compiled.bind(*p.values())(omega)
    found = [
        f * np.dot(c * density_ratio, weight) for f, c in zip(prefactors, columns, strict=True)
    ]
    return dict(zip(names, found, strict=True))


@cache
def _printed_ratio() -> Any:
    from qbsym import greens, printed
    from qbsym.callables import lambdify

    return lambdify(printed.printed_spectral_function() / greens.spectral_function(), variables=1)


def _printed_self_energy(p: Mapping[str, float]) -> Values:
    # abs(G)^2 changes, the Gammas do not: A and tau change by the same ratio.
    return _integrals(p, _printed_ratio().bind(*p.values())(_nodes(p)[0]))


def _band_follows_level(p: Mapping[str, float]) -> Values:
    return _integrals(dict(p) | {"left.onsite": p["level"], "right.onsite": p["level"]})


@cache
def _altered(kind: str) -> tuple[tuple[str, ...], Any]:
    """Return the integrands that a mistake in the occupation or in the entropies changes."""
    from qbsym import symbols as s
    from qbsym.callables import lambdify
    from qbsym.functions import LogFermi, PLogP
    from qbsym.observables import expand_symbols, observable

    if kind == "hole-terms-missing":
        own = PLogP(s.f, s.f_bar)
        expressions = {
            "entropy": -s.A * own,
            "exergy": s.A * (own - s.f * LogFermi(s.x_eq)),
            "equilibrium_entropy": -s.A * s.f_eq * LogFermi(s.x_eq),
        }
    else:
        mean = {s.f: (s.f_L + s.f_R) / 2, s.f_bar: (s.f_L_bar + s.f_R_bar) / 2}
        expressions = {
            name: observable(name).integrand.subs(mean, simultaneous=True)
            for name in ("particle_number", "energy", "entropy", "exergy")
        }
    explicit = [expand_symbols(e) for e in expressions.values()]
    return tuple(expressions), lambdify(explicit, variables=1)


def _with_altered(kind: str, p: Mapping[str, float]) -> Values:
    names, compiled = _altered(kind)
    omega, weight = _nodes(p)
    columns = compiled.bind(*p.values())(omega)
    return _integrals(p) | {n: np.dot(c, weight) for n, c in zip(names, columns, strict=True)}


def _electrons_only(values: Values) -> Values:
    """Return S2, X2 without their hole terms too, and the gaps."""
    d, d_eq = values["particle_number"], values["equilibrium_particle_number"]
    entropy, exergy = -d * np.log(d), d * np.log(d / d_eq)
    return values | {
        "two_state_entropy": entropy,
        "two_state_exergy": exergy,
        "entropy_gap": entropy - values["entropy"],
        "exergy_gap": values["exergy"] - exergy,
    }


KINDS: dict[str, tuple[tuple[Base, Callable[[Values], Values]], ...]] = {
    "printed-self-energy": ((_printed_self_energy, with_combinations),),
    "band-follows-level": ((_band_follows_level, with_combinations),),
    "hole-terms-missing": (
        (partial(_with_altered, "hole-terms-missing"), _electrons_only),
        (partial(_with_altered, "hole-terms-missing"), with_combinations),
    ),
    "mean-occupation": ((partial(_with_altered, "mean-occupation"), with_combinations),),
}
"""Mistake to its variants: the integrals of one case, and what follows from them."""


def integral_models(kind: str) -> tuple[Model, ...]:
    """Return the models of a key of `KINDS`. They say nothing (NaN) where they are not computed."""
    return tuple(partial(_evaluate, base, finish) for base, finish in KINDS[kind])


def _evaluate(
    base: Base, finish: Callable[[Values], Values], scene: Scene, values: Values
) -> Values:
    found = {name: np.full(len(scene.cases), np.nan) for name in OBSERVABLES}
    for i in _suitable(scene):
        p = {name: float(column[i]) for name, column in scene.parameters.items()}
        with np.errstate(all="ignore"):
            one = finish(base(p))
        for name in OBSERVABLES:
            found[name][i] = one[name]
    return found


def _suitable(scene: Scene) -> list[int]:
    """Return the cases to compute: easy ones, unequal couplings first, spread over the table."""
    easy = [i for i, case in enumerate(scene.cases) if _is_easy(case)]
    unequal = [
        i for i in easy if len({scene.cases[i].hex[f"{s}.coupling"] for s in ("left", "right")}) > 1
    ][: CASES // 2]
    rest = [i for i in easy if i not in unequal]
    spread = np.linspace(0, len(rest) - 1, min(len(rest), CASES - len(unequal))).astype(int)
    chosen = [*unequal, *(rest[n] for n in spread)]
    return [i for i in chosen if _is_reproduced(scene, i)]


def _is_easy(case: TableCase) -> bool:
    """Say whether both leads have one band, wide features and no bound state."""
    p = {name: float.fromhex(text) for name, text in case.hex.items()}
    couplings = p["left.coupling"], p["right.coupling"]
    hopping = p["left.hopping"]
    width = sum(v * v for v in couplings) / hopping
    coldest = min(p["left.temperature"], p["right.temperature"], p["temperature_eq"])
    return (
        not case.bound_states
        and p["right.hopping"] == hopping
        and p["left.onsite"] == p["right.onsite"]
        and min(couplings) > 0
        and abs(p["level"] - p["left.onsite"]) < 1.5 * hopping
        and min(width, coldest) > WIDE * hopping
    )


def _is_reproduced(scene: Scene, i: int) -> bool:
    p = {name: float(column[i]) for name, column in scene.parameters.items()}
    one = _integrals(p)
    scale = {name: float(scene.cases[i].values[name].absolute_integral) for name in OBSERVABLES}
    return all(
        abs(one[name] - scene.right[name][i]) <= VERIFIED * scale[name]
        for name in (*OBSERVABLES[:5], *CURRENTS)
    )
