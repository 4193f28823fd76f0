"""Claims of Sec. IV A: the three regimes, the peak, the entropy at equilibrium; and Sec. II.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from validation.paper.claims.claim import (
    ABOUT,
    EXACT,
    SMALL,
    Claim,
    Finding,
    Number,
    by_conditions,
    by_deviation,
    by_readings,
    maximum,
    zeros,
)
from validation.paper.claims.ranges import BIASES, LEVELS, MODERATE
from validation.paper.protocol import BASE, REGIMES
from validation.paper.routes import Array, Route

__all__ = ["CLAIMS"]

LN_2 = math.log(2)


def _half_width(level: float) -> float:
    """Return (Gamma_L + Gamma_R)/2 at the level, for the paper's equal leads."""
    v, h = BASE["coupling"], BASE["hopping"]
    return v**2 / h**2 * math.sqrt(4 * h**2 - (level - BASE["onsite"]) ** 2)


def _no_currents(route: Route) -> Finding:
    names = "charge_current energy_current exergy"
    values = dict(zip(names.split(), route(names, LEVELS), strict=True))
    # In units of what a bias of one temperature drives, a number without a scale has none.
    driven = dict(zip(names.split(), route(names, 0.4, BASE["temperature_eq"]), strict=True))
    sizes = {n: float(np.max(np.abs(v)) / abs(driven[n])) for n, v in values.items()}
    return by_conditions(
        {name.replace("_", " "): size < EXACT for name, size in sizes.items()},
        [Number(f"largest {n.replace('_', ' ')}, of that at bias T", s) for n, s in sizes.items()],
    )


def _currents_and_entropy_production(route: Route) -> Finding:
    level = np.array(list(REGIMES.values()))
    biased = route("entropy_production", level[:, None], BIASES)
    heated = route("entropy_production", level[:, None], 0.0, MODERATE)
    least = float(min(np.min(biased), np.min(heated)))
    # A gradient drives electrons over the level, and a bias can hold them back.
    both = np.linspace(-0.5, 0.5, 101)
    numbers = [Number("smallest entropy production", least, "energy")]
    alone, together = {"I_Q": True, "J_E": True}, True
    for regime, e in REGIMES.items():
        for name, label in (("charge_current", "I_Q"), ("energy_current", "J_E")):
            for stop in zeros(partial(route, name, e, gradient=0.2), both):
                alone[label] = False
                currents = route("charge_current energy_current", e, stop, 0.2)
                together = together and bool(sum(map(abs, currents)) > 0)
                words = f"bias that stops {label} at gradient 0.2, {regime}"
                numbers.append(Number(words, stop, "energy"))
    return by_conditions(
        {
            "entropy production": least > 0,
            "the two currents together": together,
            "I_Q alone": alone["I_Q"],
            "J_E alone": alone["J_E"],
        },
        numbers,
    )


def _peak_height(route: Route) -> Finding:
    heights = {n: float(route.transmission(e, e)) for n, e in REGIMES.items()}
    return by_deviation(
        {name: 1 - height for name, height in heights.items()},
        ABOUT,
        [Number(f"tau(eps_QB), {name}", height) for name, height in heights.items()],
    )


def _peak(route: Route, level: float) -> tuple[float, float]:
    width = _half_width(level)
    return maximum(partial(route.transmission, level), level + np.linspace(-width, width, 41))


def _peak_position(route: Route) -> Finding:
    numbers, deviations = [], {}
    for name, level in REGIMES.items():
        place, _ = _peak(route, level)
        near = level + np.linspace(-0.03, 0.03, 41)
        spectral, _ = maximum(partial(route.spectral_function, level), near)
        deviations[name] = (place - level) / (2 * _half_width(level))
        numbers.append(Number(f"maximum of tau, {name}", place, "energy"))
        numbers.append(Number(f"maximum of A, {name}", spectral, "energy"))
    return by_deviation(deviations, ABOUT, numbers, " of the full width")


def _peak_width(route: Route) -> Finding:
    half, full, numbers = {}, {}, []
    for name, level in REGIMES.items():
        place, height = _peak(route, level)

        def over_half(w: Array, e: float = level, top: float = height) -> Array:
            return route.transmission(e, w) - top / 2

        low, high = zeros(over_half, place + np.linspace(-0.2, 0.2, 81))
        width = _half_width(level)
        full[name] = (high - low) / width - 1
        half[name] = (high - low) / 2 / width - 1
        numbers.append(Number(f"full width at half maximum, {name}", high - low, "energy"))
        numbers.append(Number(f"(Gamma_L + Gamma_R)/2, {name}", width, "energy"))
    return by_readings(
        {
            "the half width": max(map(abs, half.values())) <= ABOUT,
            "the full width at half maximum": max(map(abs, full.values())) <= ABOUT,
        },
        numbers,
    )


def _empty(route: Route) -> Finding:
    n = float(route("equilibrium_particle_number", REGIMES["empty"]))
    return by_conditions({"the regime": n < SMALL}, [Number("N_eq at 0.4", n)])


def _full(route: Route) -> Finding:
    n = float(route("equilibrium_particle_number", REGIMES["full"]))
    return by_deviation({"the regime": 1 - n}, ABOUT, [Number("N_eq at -0.2", n)])


def _symmetric(route: Route) -> Finding:
    omega = np.linspace(-1.9, 1.9, 381)
    levels = {"level at the band centre": BASE["onsite"]} | REGIMES
    odd = {}
    for name, level in levels.items():
        a = route.spectral_function(level, omega)
        odd[name] = float(np.max(np.abs(a - a[::-1])) / np.max(a))
    return by_conditions(
        {name: value < EXACT for name, value in odd.items()},
        [Number(f"max |A(w) - A(-w)|/max A, {name}", value) for name, value in odd.items()],
    )


def _half_filling(route: Route) -> Finding:
    place, _ = maximum(partial(route, "equilibrium_entropy"), LEVELS)
    filling = float(route("equilibrium_particle_number", place))
    scale = BASE["temperature_eq"]
    return by_deviation(
        {
            "the level": (place - BASE["mu_eq"]) / scale,
            "the filling": (filling - 0.5) / 0.5,
        },
        ABOUT,
        [Number("level of the maximum", place, "energy"), Number("N_eq there", filling)],
        " (of T, of 1/2)",
    )


def _close_to_ln_2(route: Route) -> Finding:
    _, value = maximum(partial(route, "equilibrium_entropy"), LEVELS)
    return by_deviation(
        {"the maximum": value / LN_2 - 1},
        ABOUT,
        [Number("largest equilibrium entropy", value), Number("ln 2", LN_2)],
        " of ln 2",
    )


def _zero_far_away(route: Route) -> Finding:
    ends = np.array([LEVELS[0], LEVELS[-1]])
    full, empty = (float(s) for s in route("equilibrium_entropy", ends))
    return by_deviation(
        {"full": full / LN_2, "empty": empty / LN_2},
        SMALL,
        [Number("S_eq at level -1.2", full), Number("S_eq at level 1.6", empty)],
        " of ln 2",
    )


def _names_of_the_ends(route: Route) -> Finding:
    low, high = route("equilibrium_particle_number", np.array([LEVELS[0], LEVELS[-1]]))
    return by_conditions(
        {"empty for eps_QB << mu_eq": low < SMALL, "full for eps_QB >> mu_eq": high > 1 - SMALL},
        [
            Number("N_eq at level -1.2", float(low)),
            Number("N_eq at level 1.6", float(high)),
        ],
    )


STRONG = 1.0
"""A width as large as the temperature."""


def _strongly_coupled(route: Route) -> Finding:
    level = REGIMES["empty"]
    ratio = 2 * _half_width(level) / BASE["temperature_eq"]
    exact = float(route("exergy", level, 0.5))
    isolated = float(route("exergy", level, 0.5, coupling=BASE["coupling"] / 10))
    return by_readings(
        {
            "a width above the temperature": ratio > STRONG,
            "effects of the coupling above 1 %": abs(exact / isolated - 1) > 0.01,
        },
        [
            Number("(Gamma_L + Gamma_R)/T_eq", ratio),
            Number("exergy at bias 0.5", exact),
            Number("the same with v/10", isolated),
        ],
    )


CLAIMS = (
    Claim(
        "no-current-at-equilibrium",
        "IV A",
        "",
        "At equilibrium, there is no currents … There is also no exergy in the QB",
        "I_Q, J_E and the exergy at equilibrium, over 141 levels",
        "zero within 1e-9 of their values at a bias of one temperature",
        _no_currents,
    ),
    Claim(
        "nonzero-currents-and-entropy-production",
        "II",
        "",
        "NE steady-state can be distinguished by its nonzero entropy production rate as well as "
        "its ability to maintain non-zero mean currents in the system",
        "sigma over biases and over gradients in the three regimes; zeros of I_Q and J_E over the "
        "bias at gradient 0.2",
        "sigma > 0 everywhere; a current without zeros",
        _currents_and_entropy_production,
        "A bias against the gradient stops either current by itself (for I_Q: the thermovoltage), "
        "never both.",
    ),
    Claim(
        "peak-height",
        "IV A",
        "",
        "the peak of the transmission probability τ(ω = ε_QB) ∼ 1",
        "tau at ω = ε_QB in the three regimes",
        "~: within 20 %",
        _peak_height,
        "The maximum itself is exactly 1 for equal leads; it lies beside ε_QB.",
    ),
    Claim(
        "peak-position",
        "IV A",
        "",
        "the spectral function A_QB(ω) as well as the transmission τ(ω) are essentially "
        "peaked functions, with a maximum at ω = ε_QB",
        "the maximum of tau in the three regimes (and that of A)",
        "at: within 20 % of the full width of the peak",
        _peak_position,
        "For equal leads tau is largest at ε_QB/(1 - v^2/h^2), measured from the band's centre.",
    ),
    Claim(
        "peak-width",
        "IV A",
        "",
        "a width given approximatively by ∼ (Γ_L(ε_QB) + Γ_R(ε_QB))/2",
        "the width of tau at half its maximum in the three regimes",
        "approximately: within 20 %, for each meaning of the word width",
        _peak_width,
        "It is the half width at half maximum; the full one is Γ_L + Γ_R.",
    ),
    Claim(
        "level-mostly-empty",
        "IV A",
        "",
        "the energy level ε_QB is mostly empty at equilibrium",
        "N_eq at the level 0.4",
        "<< 1: below 0.1",
        _empty,
    ),
    Claim(
        "level-almost-full",
        "IV A",
        "",
        "the energy level ε_QB is almost full at equilibrium",
        "N_eq at the level -0.2",
        "~ 1: within 20 %",
        _full,
    ),
    Claim(
        "symmetry-of-the-spectral-function",
        "IV",
        "",
        "the (electron-hole) symmetry of the spectral function A_QB(ω), namely A_QB(ω) = A_QB(-ω)",
        "A(ω) - A(-ω) over the band",
        "zero within 1e-9 of the largest A",
        _symmetric,
        "In general A(ω; level) = A(-ω; -level), about the centre of the bands.",
    ),
    Claim(
        "entropy-maximum-at-half-filling",
        "IV A",
        "Fig. 2",
        "The equilibrium entropy has a maximum value for half filling of the electronic level, "
        "i.e. when ε_QB = μ_eq",
        "the level of the largest equilibrium entropy, and N_eq there",
        "within 20 % of T, and of half filling",
        _half_filling,
    ),
    Claim(
        "entropy-maximum-close-to-ln-2",
        "IV A",
        "Fig. 2",
        "The maximum value is close to the value of -ln(1/2) = ln(2) ∼ 0.69",
        "the largest equilibrium entropy over the level",
        "close to: within 20 %",
        _close_to_ln_2,
        "To leading order the coupling lowers it by Gamma/(2 pi T): 0.09 of 0.69 for these values.",
    ),
    Claim(
        "entropy-zero-when-empty-or-full",
        "IV A",
        "Fig. 2",
        "The entropy is zero when the electronic level is completely empty … or completely full",
        "S_eq at the ends of the range of levels",
        "zero: within 10 % of ln 2",
        _zero_far_away,
        "It does not fall off as exp(-|level - mu|/T): A's tail leaves a part as v^2.",
    ),
    Claim(
        "which-side-is-empty",
        "IV A",
        "Fig. 2",
        "completely empty (ε_QB ≪ μ_eq) or completely full (ε_QB ≫ μ_eq)",
        "N_eq at the ends of the range of levels",
        "empty: N < 0.1; full: N > 0.9",
        _names_of_the_ends,
        "The words are exchanged: a level far below μ_eq is full.",
    ),
    Claim(
        "strongly-coupled",
        "Abstract, V",
        "",
        "the charging process and thermodynamics of QBs strongly coupled to their environments",
        "the width of the level against the temperature; what the coupling does to the exergy",
        "Gamma > T, or an effect above 1 %",
        _strongly_coupled,
        "Appendix B calls the same coupling intermediate.",
    ),
)
