"""What a well-known mistake makes of the right values, for all cases of a table at once.

A model takes a `Scene` and the values so far, and returns the values with its mistake in them, so
that mistakes can be composed. The closed forms here follow from the reference values alone; those
that need another integral are in `mistakes_integrals`.
May import: numpy, scipy, validation.exact, .references (names only), .reference_table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, xlogy

from validation.exact import PARAMETERS
from validation.references import OBSERVABLES

if TYPE_CHECKING:
    from validation.reference_table import TableCase

__all__ = [
    "CURRENTS",
    "Array",
    "Model",
    "Scene",
    "Values",
    "bound_states_dropped",
    "energies_from",
    "half_broadening",
    "heat_exchanged",
    "level_reference",
    "mu_term",
    "scaled",
    "two_electrons_in_one_state",
    "weight_with_bound_states",
    "with_combinations",
    "with_gaps",
]

Array: TypeAlias = NDArray[np.float64]
Values: TypeAlias = dict[str, Array]
"""Observable to one value for each case; NaN where a model says nothing."""

CURRENTS = (
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)


@dataclass(frozen=True)
class Scene:
    """The cases on which mistakes are looked for.

    Parameters
    ----------
    cases : tuple of TableCase
    parameters : dict of str to array
        The thirteen parameters by dotted name, one element for each case.
    right : dict of str to array
        The reference values, rounded to doubles.
    """

    cases: tuple[TableCase, ...]
    parameters: Values
    right: Values

    @classmethod
    def of(cls, cases: Iterable[TableCase]) -> Scene:
        """Return the scene of some cases of the table."""
        chosen = tuple(cases)
        return cls(
            chosen,
            {name: np.array([float.fromhex(c.hex[name]) for c in chosen]) for name in PARAMETERS},
            {name: np.array([float(c.values[name].value) for c in chosen]) for name in OBSERVABLES},
        )


Model: TypeAlias = Callable[[Scene, Values], Values]


def scaled(factor: float | str, names: Sequence[str]) -> Model:
    """Return the model that multiplies some observables by a number or a parameter."""

    def model(scene: Scene, values: Values) -> Values:
        number = scene.parameters[factor] if isinstance(factor, str) else factor
        return values | {name: values[name] * number for name in names}

    return model


def with_gaps(model: Model) -> Model:
    """Return the same model, with both gaps formed anew from what it makes of their parts."""

    def formed(scene: Scene, values: Values) -> Values:
        new = model(scene, values)
        return new | {
            "entropy_gap": new["two_state_entropy"] - new["entropy"],
            "exergy_gap": new["exergy"] - new["two_state_exergy"],
        }

    return formed


def with_combinations(values: Values) -> Values:
    """Return the values with S2, X2 and the gaps formed from N, N_eq, S and X: (A4)-(A7)."""
    with np.errstate(all="ignore"):
        d, d_eq = values["particle_number"], values["equilibrium_particle_number"]
        entropy = -xlogy(d, d) - xlogy(1 - d, 1 - d)
        exergy = -entropy - xlogy(d, d_eq) - xlogy(1 - d, 1 - d_eq)
    return values | {
        "two_state_entropy": entropy,
        "two_state_exergy": exergy,
        "entropy_gap": entropy - values["entropy"],
        "exergy_gap": values["exergy"] - exergy,
    }


def two_electrons_in_one_state(scene: Scene, values: Values) -> Values:
    """Twice the occupation, put into the two-state formulas of a single level."""
    doubled = [name for name in OBSERVABLES if not name.startswith("two_state")]
    return with_combinations(scaled(2.0, doubled)(scene, values))


def energies_from(origin: str) -> Model:
    """Return the model that measures the omega of E and J from a parameter."""

    def model(scene: Scene, values: Values) -> Values:
        p, shift = scene.parameters, scene.parameters[origin]
        current = shift * values["charge_current"]
        affinity = 1 / p["left.temperature"] - 1 / p["right.temperature"]
        numbers = {"energy": "particle_number", "equilibrium_energy": "equilibrium_particle_number"}
        return (
            values
            | {name: values[name] - shift * values[n] for name, n in numbers.items()}
            | {name: values[name] - current for name in CURRENTS[1:4]}
            | {"entropy_production": values["entropy_production"] + affinity * current}
        )

    return model


@with_gaps
def level_reference(scene: Scene, values: Values) -> Values:
    """(A5) with f_eq(level) for d_eq."""
    p = scene.parameters
    x = (p["level"] - p["mu_eq"]) / p["temperature_eq"]
    d = values["particle_number"]
    with np.errstate(all="ignore"):
        own = xlogy(d, d) + xlogy(1 - d, 1 - d)
    return values | {"two_state_exergy": own - d * log_expit(-x) - (1 - d) * log_expit(x)}


def mu_term(factor: float) -> Model:
    """Return the model that adds ``factor`` beta_eq mu_eq (N - N_eq) to the exergy."""

    @with_gaps
    def model(scene: Scene, values: Values) -> Values:
        p = scene.parameters
        moved = values["particle_number"] - values["equilibrium_particle_number"]
        term = factor * p["mu_eq"] / p["temperature_eq"] * moved
        return values | {"exergy": values["exergy"] + term}

    return model


def heat_exchanged(scene: Scene, values: Values) -> Values:
    """The chemical potential of the other lead in each heat current."""
    return values | {
        "heat_current_left": values["heat_current_right"],
        "heat_current_right": values["heat_current_left"],
    }


def weight_with_bound_states(scene: Scene, values: Values) -> Values:
    """The weights of the bound states added to the integral of A."""
    weight = np.array([math.fsum(float(z) for _, z in case.bound_states) for case in scene.cases])
    return values | {"spectral_weight": values["spectral_weight"] + weight}


def bound_states_dropped(scene: Scene, values: Values) -> Values:
    """Integrals over the band alone, and the two-state formulas of what they give."""
    parts = _bound_parts(scene)
    band = with_combinations(values | {name: values[name] - part for name, part in parts.items()})
    has_states = np.array([bool(case.bound_states) for case in scene.cases])
    return {name: np.where(has_states, band[name], values[name]) for name in values}


def half_broadening(scene: Scene, values: Values) -> Values:
    """Gamma = -Im Sigma in A = Gamma abs(G)^2/(2 pi) and in tau, with the right G."""
    halved = {name: (values[name] + part) / 2 for name, part in _bound_parts(scene).items()}
    halved["spectral_weight"] = values["spectral_weight"] / 2
    return with_combinations(scaled(0.25, CURRENTS)(scene, values | halved))


def _bound_parts(scene: Scene) -> Values:
    """Return what the bound states contribute to the integrals."""
    names = (
        "particle_number", "energy", "entropy", "exergy",
        "equilibrium_particle_number", "equilibrium_energy", "equilibrium_entropy",
    )  # fmt: skip
    parts = np.zeros((len(names), len(scene.cases)))
    for i, case in enumerate(scene.cases):
        mu, temperature = (scene.parameters[f"{q}_eq"][i] for q in ("mu", "temperature"))
        for (energy_text, weight), n in zip(case.bound_states, case.occupations, strict=True):
            energy = float(energy_text)
            x = (energy - mu) / temperature
            f, log_f, log_h = expit(-x), log_expit(-x), log_expit(x)
            entropy = -xlogy(n, n) - xlogy(1 - n, 1 - n)
            parts[:, i] += float(weight) * np.array(
                [
                    *(n, energy * n, entropy, -entropy - n * log_f - (1 - n) * log_h),
                    *(f, energy * f, -f * log_f - (1 - f) * log_h),
                ]
            )
    return dict(zip(names, parts, strict=True))
