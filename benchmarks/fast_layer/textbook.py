"""The textbook formulas, as one writes them for a quadrature of the shelf, Eqs. (7)-(13).

Ten integrals give all seventeen observables. Scalar code for `quad`, `quad_vec` and mpmath, array
code for fixed grids. It is written with care: constants are hoisted, equal bands have a shorter
path, exponentials cannot overflow, 1 - f is its own exponential and ln f_eq its own form; but
differences are differences, and nodes lie where the quadrature puts them. May import: numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "INTEGRALS",
    "all_at_once",
    "breakpoints",
    "combined",
    "costs",
    "on_grid",
    "one_by_one",
]

INTEGRALS = (
    "spectral_weight",
    "particle_number",
    "energy",
    "entropy",
    "exergy",
    "charge_current",
    "energy_current",
    "equilibrium_particle_number",
    "equilibrium_energy",
    "equilibrium_entropy",
)
"""The integrals that everything else is a combination of."""

EXP_LIMIT = 700.0
"""exp overflows a little above; 1/(1 + exp(x)) is exp(-x) long before."""

MADE_OF: Mapping[str, Sequence[str]] = {
    **{name: (name,) for name in INTEGRALS},
    "heat_current_left": ("charge_current", "energy_current"),
    "heat_current_right": ("charge_current", "energy_current"),
    "entropy_production": ("charge_current", "energy_current"),
    "two_state_entropy": ("particle_number",),
    "two_state_exergy": ("particle_number", "equilibrium_particle_number"),
    "entropy_gap": ("particle_number", "entropy"),
    "exergy_gap": ("particle_number", "equilibrium_particle_number", "exergy"),
}
"""Which integrals a user who wants one observable has to do."""

Parameters = Mapping[str, float]


def breakpoints(p: Parameters) -> list[float]:
    """Return the ends of the spectrum and, between them, where an integrand has a feature.

    Band edges, the three chemical potentials, the level, and one width either side of it.
    """
    sides = [side for side in ("left", "right") if p[f"{side}.coupling"] > 0]
    edges = [
        p[f"{side}.onsite"] + sign * 2 * p[f"{side}.hopping"] for side in sides for sign in (-1, 1)
    ]
    low, high = min(edges), max(edges)
    width = sum(p[f"{side}.coupling"] ** 2 / p[f"{side}.hopping"] for side in sides)
    level = p["level"]
    inner = [*edges, p["left.mu"], p["right.mu"], p["mu_eq"], level, level - width, level + width]
    return [low, *sorted({x for x in inner if low < x < high}), high]


def green(p: Mapping[str, Any], m: Any = math) -> Callable[[Any], tuple[Any, Any, Any]]:
    """Return the function omega -> 2 pi/|G|^2 and both broadenings (1, 0, 0 outside the bands)."""
    level, sqrt, copysign, two_pi = p["level"], m.sqrt, math.copysign, 2 * m.pi
    h_L, h_R = p["left.hopping"], p["right.hopping"]
    e_L, e_R = p["left.onsite"], p["right.onsite"]
    edge_L, edge_R = 4 * h_L * h_L, 4 * h_R * h_R
    k_L, k_R = ((p[f"{a}.coupling"] / p[f"{a}.hopping"]) ** 2 for a in ("left", "right"))
    shift = (k_L + k_R) / 2

    def of_equal_bands(w: Any) -> tuple[Any, Any, Any]:
        x = w - e_L
        square = edge_L - x * x
        if square <= 0:
            return 1.0, 0.0, 0.0
        root = sqrt(square)
        re, im = w - level - shift * x, shift * root
        return two_pi * (re * re + im * im), k_L * root, k_R * root

    def of_any_bands(w: Any) -> tuple[Any, Any, Any]:
        x_L, x_R = w - e_L, w - e_R
        square_L, square_R = edge_L - x_L * x_L, edge_R - x_R * x_R
        re, gamma_L, gamma_R = w - level, 0.0, 0.0
        if square_L > 0:
            re -= k_L / 2 * x_L
            gamma_L = k_L * sqrt(square_L)
        else:
            re -= k_L / 2 * (x_L - copysign(1.0, x_L) * sqrt(-square_L))
        if square_R > 0:
            re -= k_R / 2 * x_R
            gamma_R = k_R * sqrt(square_R)
        else:
            re -= k_R / 2 * (x_R - copysign(1.0, x_R) * sqrt(-square_R))
        im = (gamma_L + gamma_R) / 2
        if im == 0:
            return 1.0, 0.0, 0.0
        return two_pi * (re * re + im * im), gamma_L, gamma_R

    return of_equal_bands if (e_L, h_L) == (e_R, h_R) else of_any_bands


def _occupations(p: Mapping[str, Any], m: Any) -> tuple[Callable[..., Any], ...]:
    """Return the functions fermi(x), softplus(x), entropy(p, q) of a number type."""
    exp, log, log1p = m.exp, m.log, m.log1p

    def fermi(x: Any) -> Any:
        return 1 / (1 + exp(x)) if x < EXP_LIMIT else exp(-x)

    def softplus(x: Any) -> Any:  # -ln(1 - f) at -x, -ln f at x
        return x + log1p(exp(-x)) if x > 0 else log1p(exp(x))

    def entropy(n: Any, holes: Any) -> Any:
        s = -n * log(n) if n > 0 else 0.0
        return s - holes * log(holes) if holes > 0 else s

    return fermi, softplus, entropy


def one_by_one(p: Mapping[str, Any], m: Any = math) -> dict[str, Callable[[Any], Any]]:
    """Return the ten integrands as functions of omega; ``m`` is `math`, or mpmath's `mp`."""
    at = green(p, m)
    fermi, softplus, entropy = _occupations(p, m)
    log = m.log
    mu_L, mu_R, mu_eq = p["left.mu"], p["right.mu"], p["mu_eq"]
    T_L, T_R, T_eq = p["left.temperature"], p["right.temperature"], p["temperature_eq"]

    def spectral_weight(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        return (gamma_L + gamma_R) / scale

    def particle_number(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        return (gamma_L * fermi((w - mu_L) / T_L) + gamma_R * fermi((w - mu_R) / T_R)) / scale

    def energy(w: Any) -> Any:
        return w * particle_number(w)

    def entropy_at(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        gamma = gamma_L + gamma_R
        if gamma == 0:
            return 0.0
        x_L, x_R = (w - mu_L) / T_L, (w - mu_R) / T_R
        f = (gamma_L * fermi(x_L) + gamma_R * fermi(x_R)) / gamma
        f_bar = (gamma_L * fermi(-x_L) + gamma_R * fermi(-x_R)) / gamma
        return gamma / scale * entropy(f, f_bar)

    def exergy(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        gamma = gamma_L + gamma_R
        if gamma == 0:
            return 0.0
        x_L, x_R, x = (w - mu_L) / T_L, (w - mu_R) / T_R, (w - mu_eq) / T_eq
        f = (gamma_L * fermi(x_L) + gamma_R * fermi(x_R)) / gamma
        f_bar = (gamma_L * fermi(-x_L) + gamma_R * fermi(-x_R)) / gamma
        divergence = f * (log(f) + softplus(x)) if f > 0 else 0.0
        if f_bar > 0:
            divergence += f_bar * (log(f_bar) + softplus(-x))
        return gamma / scale * divergence

    def charge_current(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        return gamma_L * gamma_R * (fermi((w - mu_L) / T_L) - fermi((w - mu_R) / T_R)) / scale

    def energy_current(w: Any) -> Any:
        return w * charge_current(w)

    def equilibrium_particle_number(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        return (gamma_L + gamma_R) * fermi((w - mu_eq) / T_eq) / scale

    def equilibrium_energy(w: Any) -> Any:
        return w * equilibrium_particle_number(w)

    def equilibrium_entropy(w: Any) -> Any:
        scale, gamma_L, gamma_R = at(w)
        x = (w - mu_eq) / T_eq
        s = fermi(x) * softplus(x) + fermi(-x) * softplus(-x)
        return (gamma_L + gamma_R) * s / scale

    functions = (
        spectral_weight, particle_number, energy, entropy_at, exergy, charge_current,
        energy_current, equilibrium_particle_number, equilibrium_energy, equilibrium_entropy,
    )  # fmt: skip
    return dict(zip(INTEGRALS, functions, strict=True))


def all_at_once(p: Parameters) -> Callable[[float], NDArray[np.float64]]:
    """Return omega -> the ten integrands, with what they share computed once."""
    at = green(p)
    fermi, softplus, entropy = _occupations(p, math)
    log, array = math.log, np.array
    mu_L, mu_R, mu_eq = p["left.mu"], p["right.mu"], p["mu_eq"]
    T_L, T_R, T_eq = p["left.temperature"], p["right.temperature"], p["temperature_eq"]
    nothing = np.zeros(len(INTEGRALS))

    def integrands(w: float) -> NDArray[np.float64]:
        scale, gamma_L, gamma_R = at(w)
        gamma = gamma_L + gamma_R
        if gamma == 0:
            return nothing
        x_L, x_R, x = (w - mu_L) / T_L, (w - mu_R) / T_R, (w - mu_eq) / T_eq
        f_L, f_R, f_eq, f_eq_bar = fermi(x_L), fermi(x_R), fermi(x), fermi(-x)
        f = (gamma_L * f_L + gamma_R * f_R) / gamma
        f_bar = (gamma_L * fermi(-x_L) + gamma_R * fermi(-x_R)) / gamma
        A, current = gamma / scale, gamma_L * gamma_R * (f_L - f_R) / scale
        plus, minus = softplus(x), softplus(-x)
        divergence = f * (log(f) + plus) if f > 0 else 0.0
        if f_bar > 0:
            divergence += f_bar * (log(f_bar) + minus)
        N, N_eq = A * f, A * f_eq
        return array((
            A, N, w * N, A * entropy(f, f_bar), A * divergence, current, w * current,
            N_eq, w * N_eq, A * (f_eq * plus + f_eq_bar * minus),
        ))  # fmt: skip

    return integrands


def on_grid(p: Parameters, w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ten integrands at an array of energies, shape (10, nodes)."""
    sigmas = []
    for side in ("left", "right"):
        h, x = p[f"{side}.hopping"], w - p[f"{side}.onsite"]
        square = 4 * h * h - x * x
        is_open, root = square > 0, np.sqrt(np.abs(square))
        real = np.where(is_open, x, x - np.copysign(root, x))
        k = (p[f"{side}.coupling"] / h) ** 2
        sigmas.append((k / 2 * real, k * np.where(is_open, root, 0.0)))
    (re_L, gamma_L), (re_R, gamma_R) = sigmas
    gamma = gamma_L + gamma_R
    re = w - p["level"] - re_L - re_R
    scale = 2 * np.pi * (re * re + gamma * gamma / 4)
    x_L, x_R, x = (
        (w - p[mu]) / p[T]
        for mu, T in (
            ("left.mu", "left.temperature"),
            ("right.mu", "right.temperature"),
            ("mu_eq", "temperature_eq"),
        )
    )
    f_L, f_R, f_eq = 1 / (1 + np.exp(x_L)), 1 / (1 + np.exp(x_R)), 1 / (1 + np.exp(x))
    f = (gamma_L * f_L + gamma_R * f_R) / gamma
    f_bar = (gamma_L / (1 + np.exp(-x_L)) + gamma_R / (1 + np.exp(-x_R))) / gamma
    log_f, log_f_bar = np.log(np.where(f > 0, f, 1.0)), np.log(np.where(f_bar > 0, f_bar, 1.0))
    plus = np.logaddexp(0.0, x)
    minus = plus - x
    A, current = gamma / scale, gamma_L * gamma_R * (f_L - f_R) / scale
    rows = (
        A,
        A * f,
        w * A * f,
        -A * (f * log_f + f_bar * log_f_bar),
        A * (f * (log_f + plus) + f_bar * (log_f_bar + minus)),
        current,
        w * current,
        A * f_eq,
        w * A * f_eq,
        A * (f_eq * plus + (1 - f_eq) * minus),
    )
    return np.where(gamma > 0, np.stack(rows), 0.0)


def combined(integrals: Mapping[str, float], p: Parameters) -> dict[str, float]:
    """Return all seventeen observables; NaN where a logarithm's argument is not positive."""
    value = {name: float(integrals[name]) for name in INTEGRALS}
    current, heat = value["charge_current"], value["energy_current"]
    beta_L, beta_R = 1 / p["left.temperature"], 1 / p["right.temperature"]
    value["heat_current_left"] = heat - p["left.mu"] * current
    value["heat_current_right"] = heat - p["right.mu"] * current
    value["entropy_production"] = (beta_L * p["left.mu"] - beta_R * p["right.mu"]) * current - (
        beta_L - beta_R
    ) * heat
    d, d_eq = value["particle_number"], value["equilibrium_particle_number"]
    S2 = X2 = math.nan
    if 0 < d < 1:
        S2 = -d * math.log(d) - (1 - d) * math.log1p(-d)
        if 0 < d_eq < 1:
            X2 = d * math.log(d / d_eq) + (1 - d) * math.log((1 - d) / (1 - d_eq))
    value["two_state_entropy"], value["two_state_exergy"] = S2, X2
    value["entropy_gap"] = S2 - value["entropy"]
    value["exergy_gap"] = value["exergy"] - X2
    return value


def costs(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return what each observable alone costs, from the time of each integral."""
    return {name: sum(seconds[part] for part in parts) for name, parts in MADE_OF.items()}
