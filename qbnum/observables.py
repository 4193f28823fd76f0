"""The table of observables: names, equations and units. May import: nothing."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OBSERVABLES", "Observable"]


@dataclass(frozen=True)
class Observable:
    """What an observable is called, where the paper defines it, and its unit.

    ``needs_occupation``: it depends on how bound states are occupied, which the steady state does
    not fix. ``two_state``: it is a function of the whole occupation and has no band part.
    """

    name: str
    symbol: str
    equation: str
    unit: str
    text: str
    needs_occupation: bool = True
    two_state: bool = False


_TABLE = (
    Observable(
        "spectral_weight", "∫A", "after (A5)", "1", "band part of the spectral weight", False
    ),
    Observable("particle_number", "N", "(10)", "1", "number of particles on the level"),
    Observable("energy", "E", "(11)", "energy", "energy on the level"),
    Observable("entropy", "S", "(12)", "1", "non-equilibrium entropy"),
    Observable("exergy", "X", "(13)", "1", "exergy beta_eq W_ext, the relative entropy"),
    Observable("charge_current", "I_Q", "(7)", "energy", "charge current from L to R", False),
    Observable("energy_current", "J_E", "(8)", "energy^2", "energy current from L to R", False),
    Observable("heat_current_left", "J_H^L", "after (8)", "energy^2", "J_E - mu_L I_Q", False),
    Observable("heat_current_right", "J_H^R", "after (8)", "energy^2", "J_E - mu_R I_Q", False),
    Observable("entropy_production", "σ", "Sec. II", "energy", "entropy production rate", False),
    Observable("equilibrium_particle_number", "N_eq", "(10)", "1", "N with f_eq"),
    Observable("equilibrium_energy", "E_eq", "(11)", "energy", "E with f_eq"),
    Observable("equilibrium_entropy", "S_eq", "(12)", "1", "S with f_eq (Fig. 2)"),
    Observable("two_state_entropy", "S_2", "(A4)", "1", "entropy of d = N alone", True, True),
    Observable("two_state_exergy", "X_2", "(A5)", "1", "exergy of d = N alone", True, True),
    Observable(
        "entropy_gap", "S_2 - S", "(A6)-(A7)", "1", "two-state minus exact, >= 0", True, True
    ),
    Observable("exergy_gap", "X - X_2", "(A6)-(A7)", "1", "Jensen gap, >= 0", True, True),
)

OBSERVABLES: dict[str, Observable] = {o.name: o for o in _TABLE}
"""Every observable of `SteadyState`, by name."""
