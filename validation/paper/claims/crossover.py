"""Claims of Sec. IV B 2 and Appendix B on a gradient added to a bias: Figs. 5c and 12.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from validation.paper.claims.claim import (
    ABOUT,
    Claim,
    Finding,
    Number,
    above,
    by_deviation,
    by_intervals,
    maximum,
    zeros,
)
from validation.paper.claims.ranges import LABELS
from validation.paper.protocol import BASE, REGIMES, SMALL_GRADIENTS
from validation.paper.routes import Array, Route

__all__ = ["CLAIMS"]

EMPTY = REGIMES["empty"]
THRESHOLD = EMPTY - BASE["mu_eq"]
"""The text's eps_QB - mu = 0.3."""

COLD, HOT = SMALL_GRADIENTS[0], SMALL_GRADIENTS[-1]


def _change(route: Route, observable: str, gradient: float) -> Callable[[Array], Array]:
    """Return what a gradient adds to an observable of the empty regime, over the bias."""
    return lambda b: np.asarray(route(observable, EMPTY, b, gradient) - route(observable, EMPTY, b))


def _gradient_helps(gradient: float, low: float, high: float) -> Callable[[Route], Finding]:
    """Judge where a gradient raises the exergy of the empty regime, for low < bias < high."""

    def judge(route: Route) -> Finding:
        gain = _change(route, "exergy", gradient)
        grid = np.linspace(low, high, 81)
        parts = above(gain, grid)
        numbers = [
            Number(f"exergy gained by gradient {gradient:+g} at bias {b:g}", float(g))
            for b, g in zip((low, (low + high) / 2, high), gain(grid)[[0, 40, 80]], strict=True)
        ]
        numbers += [
            Number(f"end of the range, gradient {gradient:+g}", end, "energy")
            for part in parts
            for end in part
        ]
        return by_intervals({"": parts}, (float(grid[0]), float(grid[-1])), "bias", numbers)

    return judge


CROSSING = np.linspace(0.15, 1.0, 86)
"""Biases where a crossover is looked for: small ones, where the gradient alone drives, left out."""


def _gradient_hurts(route: Route) -> Finding:
    grid = np.linspace(0.0, THRESHOLD, 81)
    gain = _change(route, "exergy", COLD)
    parts = above(lambda b: -gain(b), grid)
    numbers = [Number("bias from which the gradient -0.05 hurts", parts[0][0], "energy")]
    return by_intervals({"": parts}, (0.0, float(grid[-1])), "bias", numbers)


def _crossover(observable: str) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        label, _ = LABELS[observable]
        deviations, numbers = {}, []
        for gradient in (COLD, HOT):
            places = zeros(_change(route, observable, gradient), CROSSING)
            numbers.append(Number(f"crossings of {label} at gradient {gradient:+g}", len(places)))
            numbers += [Number(f"{label}, gradient {gradient:+g}", p, "energy") for p in places]
            name = f"gradient {gradient:+g}"
            nearest = min((abs(p - THRESHOLD) for p in places), default=np.inf)
            deviations[name] = nearest / THRESHOLD
        return by_deviation(deviations, ABOUT, numbers, " of 0.3")

    return judge


def _at_the_peak(route: Route) -> Finding:
    near = EMPTY + np.linspace(-0.03, 0.03, 41)
    peak, _ = maximum(partial(route.transmission, EMPTY), near)
    deviations, numbers = {}, [Number("maximum of tau", peak, "energy")]
    for name in ("exergy", "charge_current", "energy_current"):
        places = zeros(_change(route, name, HOT), CROSSING)
        place = min(places, key=lambda p: abs(p - THRESHOLD))
        label, _ = LABELS[name]
        deviations[label] = (BASE["mu_eq"] + place - peak) / BASE["temperature_eq"]
        numbers.append(Number(f"mu_L at the crossover of {label}", BASE["mu_eq"] + place, "energy"))
    return by_deviation(deviations, ABOUT, numbers, " of T")


CLAIMS = (
    Claim(
        "negative-gradient-helps-high-bias",
        "IV B 2, App. B",
        "Fig. 5c",
        "a negative temperature gradient in high bias-charging regimes in Fig. 5c improves battery "
        "performance",
        "the exergy with gradient -0.05 less that without, 0.3 < bias < 1, empty regime",
        "the biases for which it is larger",
        _gradient_helps(COLD, THRESHOLD, 1.0),
    ),
    Claim(
        "positive-gradient-helps-low-bias",
        "App. B",
        "Fig. 5c",
        "Below the threshold Δμ < ε_QB - μ = 0.3, one can increase the values of … by applying "
        "an opposite temperature gradient ΔT > 0",
        "the exergy with gradient +0.05 less that without, 0 < bias < 0.3, empty regime",
        "the biases for which it is larger",
        _gradient_helps(HOT, 0.0, THRESHOLD),
    ),
    Claim(
        "negative-gradient-hurts-low-bias",
        "App. B",
        "Fig. 5c",
        "Such values can be increased by applying an additional negative temperature gradient "
        "… when Δμ > ε_QB - μ = 0.3",
        "the exergy without a gradient less that with -0.05, 0 < bias < 0.3, empty regime",
        "the biases for which it is larger",
        _gradient_hurts,
        "Near equilibrium any gradient charges.",
    ),
    Claim(
        "crossover-exergy",
        "App. B",
        "Fig. 5c",
        "the crossover point in the exergy … corresponds to the chemical potential μ_L reaching "
        "the maximum of the transmission … i.e. μ_L = ε_QB",
        "the bias at which a gradient of +-0.05 no longer changes the exergy",
        "within 20 % of 0.3",
        _crossover("exergy"),
    ),
    Claim(
        "crossover-charge-current",
        "App. B",
        "Fig. 12a",
        "the crossover point in the … currents I_Q … corresponds to … μ_L = ε_QB",
        "the bias at which a gradient of +-0.05 no longer changes I_Q",
        "within 20 % of 0.3",
        _crossover("charge_current"),
    ),
    Claim(
        "crossover-energy-current",
        "App. B",
        "Fig. 12b",
        "the crossover point in the … energy current J_E … corresponds to … μ_L = ε_QB",
        "the bias at which a gradient of +-0.05 no longer changes J_E",
        "within 20 % of 0.3",
        _crossover("energy_current"),
    ),
    Claim(
        "crossover-heat-current",
        "App. B",
        "Fig. 12c",
        "the crossover point in the … heat current J_H^L … corresponds to … μ_L = ε_QB",
        "the bias at which a gradient of +-0.05 no longer changes J_H^L",
        "within 20 % of 0.3",
        _crossover("heat_current_left"),
        "The heat taken from a hotter lead is larger at every bias: the curves do not cross.",
    ),
    Claim(
        "crossover-at-the-peak",
        "App. B",
        "Figs. 5c, 12",
        "the crossover point … corresponds to the chemical potential μ_L reaching the maximum of "
        "the transmission (and of the spectral function",
        "μ_L at the crossover with gradient +0.05 against the maximum of tau",
        "within 20 % of T",
        _at_the_peak,
    ),
)
