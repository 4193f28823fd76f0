"""Claims of Appendix B on the sizes of currents, entropy and exergy: Figs. 12, 14 and 15.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from validation.paper.claims.claim import (
    ABOUT,
    CLEARLY,
    SMALL,
    Claim,
    Finding,
    Number,
    by_conditions,
    by_readings,
    maximum,
)
from validation.paper.claims.ranges import BIASES, LABELS, MODERATE, rises
from validation.paper.protocol import BASE, REGIMES
from validation.paper.routes import Route

__all__ = ["CLAIMS"]

EMPTY, FULL = REGIMES["empty"], REGIMES["full"]


def _small_in_the_full_regime(observable: str) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        label, unit = LABELS[observable]
        full = float(np.max(np.abs(route(observable, FULL, BIASES))))
        empty = float(np.max(np.abs(route(observable, EMPTY, BIASES))))
        return by_conditions(
            {"biases up to 1": empty > CLEARLY * full},
            [
                Number(f"largest |{label}|, full", full, unit),
                Number(f"largest |{label}|, empty", empty, unit),
                Number("empty over full", empty / full),
            ],
        )

    return judge


def _transport_through_the_tail(route: Route) -> Finding:
    window = np.linspace(BASE["mu_eq"], BASE["mu_eq"] + 1.0, 401)
    tail = float(np.max(route.transmission(FULL, window)))
    place, height = maximum(partial(route.transmission, FULL), FULL + np.linspace(-0.03, 0.03, 41))
    return by_conditions(
        {
            "tau << 1 in the window": tail < SMALL,
            "tau ~ 1 at its maximum": abs(height - 1) < ABOUT,
            "the maximum around -0.2": abs(place / FULL - 1) < ABOUT,
        },
        [
            Number("largest tau between mu_R and mu_R + 1", tail),
            Number("largest tau", height),
            Number("its energy", place, "energy"),
        ],
    )


def _sweeps_the_peak(route: Route) -> Finding:
    band = np.linspace(-1.999, 1.999, 40001)
    tau = route.transmission(EMPTY, band)
    parts = {}
    for bias in (0.3, 0.5, 1.0):
        inside = (band > BASE["mu_eq"]) & (band < BASE["mu_eq"] + bias)
        parts[bias] = float(np.sum(tau[inside]) / np.sum(tau))
    return by_conditions(
        {f"bias {bias:g}": part > 1 - SMALL for bias, part in parts.items()},
        [Number(f"part of integral tau in the window, bias {b:g}", p) for b, p in parts.items()],
    )


def _all_rise(route: Route) -> Finding:
    names = "charge_current energy_current exergy"
    found = route(names, EMPTY, BIASES)
    return by_conditions(
        {LABELS[n][0]: rises(v) for n, v in zip(names.split(), found, strict=True)},
        [
            Number(f"{LABELS[n][0]} at bias 1", float(v[-1]), LABELS[n][1])
            for n, v in zip(names.split(), found, strict=True)
        ],
    )


def _entropy_amplitudes(route: Route) -> Finding:
    full, empty = (route("entropy", e, BIASES) for e in (FULL, EMPTY))
    numbers = [
        Number("largest entropy, full", float(np.max(full))),
        Number("largest entropy, empty", float(np.max(empty))),
        Number("range of the entropy, full", float(np.ptp(full))),
        Number("range of the entropy, empty", float(np.ptp(empty))),
    ]
    return by_readings(
        {
            "the largest value": bool(np.max(empty) > CLEARLY * np.max(full)),
            "the range": bool(np.ptp(empty) > CLEARLY * np.ptp(full)),
        },
        numbers,
    )


def _exergy_amplitudes(route: Route) -> Finding:
    gradient = MODERATE
    by_gradient = [float(np.max(route("exergy", e, 0.0, gradient))) for e in (FULL, EMPTY)]
    by_bias = [float(np.max(route("exergy", e, BIASES))) for e in (FULL, EMPTY)]
    return by_conditions(
        {
            "Figs. 5a and 5c (over the bias)": by_bias[1] > CLEARLY * by_bias[0],
            "Figs. 4a and 4c, as cited (over the gradient)": by_gradient[1]
            > CLEARLY * by_gradient[0],
        },
        [
            Number("largest exergy over the bias, full", by_bias[0]),
            Number("largest exergy over the bias, empty", by_bias[1]),
            Number("largest exergy over the gradient, full", by_gradient[0]),
            Number("largest exergy over the gradient, empty", by_gradient[1]),
        ],
    )


def _part_of_entropy_production(route: Route) -> Finding:
    level = np.array(list(REGIMES.values()))[:, None]
    exergy, sigma = route("exergy entropy_production", level, BIASES)
    # Relaxation of N by exp(-Gamma t): the only time that the model has for it.
    gamma = 2 * BASE["coupling"] ** 2 / BASE["hopping"] ** 2 * np.sqrt(4 - level**2)
    ratio = exergy * gamma / sigma
    return by_readings(
        {
            "produced within 1/Gamma": bool(np.all(ratio <= 1)),
            "produced within 1/(4 Gamma)": bool(np.all(4 * ratio <= 1)),
        },
        [
            Number("largest exergy over sigma/Gamma", float(np.max(ratio))),
            Number("smallest exergy over sigma/Gamma", float(np.min(ratio))),
        ],
    )


CLAIMS = (
    Claim(
        "small-current-full",
        "App. B",
        "Fig. 14a",
        "The values of the charge current I_Q in the off-resonant-full regime for different "
        "applied bias … are rather small",
        "the largest |I_Q| over 0 < bias <= 1, full against empty",
        "small: by a ratio above 2",
        _small_in_the_full_regime("charge_current"),
    ),
    Claim(
        "small-energy-current-full",
        "App. B",
        "Fig. 14b",
        "This is also reflected in the small values of the energy … current",
        "the largest |J_E| over 0 < bias <= 1, full against empty",
        "small: by a ratio above 2",
        _small_in_the_full_regime("energy_current"),
    ),
    Claim(
        "small-heat-current-full",
        "App. B",
        "Fig. 14c",
        "This is also reflected in the small values of the … heat current",
        "the largest |J_H^L| over 0 < bias <= 1, full against empty",
        "small: by a ratio above 2",
        _small_in_the_full_regime("heat_current_left"),
    ),
    Claim(
        "tail-transport-full",
        "App. B",
        "Fig. 14",
        "the transport occurs via the (descending) tail of the transmission peak where the "
        "transmission values are small … The maximum in transmission … occurs for energies "
        "around ω ∼ ε_QB = -0.2",
        "tau of the full regime in the window of a bias of 1, and its maximum",
        "<< 1: below 0.1; ~: within 20 %",
        _transport_through_the_tail,
    ),
    Claim(
        "window-sweeps-the-peak",
        "App. B",
        "Fig. 12",
        "For the off-resonant-empty regime, the applied bias Δμ window swipes the entire "
        "transmission peak",
        "the part of the integral of tau between μ_R and μ_L at biases 0.3, 0.5 and 1",
        "entire: above 90 %",
        _sweeps_the_peak,
    ),
    Claim(
        "empty-currents-and-exergy-rise",
        "App. B",
        "Figs. 5c, 12",
        "An increasing bias Δμ leads to an increase in the charge I_Q and energy J_E "
        "currents, as well as for the exergy",
        "I_Q, J_E and the exergy of the empty regime over 0 < bias <= 1",
        "rising from each of 100 points to the next",
        _all_rise,
    ),
    Claim(
        "entropy-amplitude",
        "App. B",
        "Fig. 15",
        "the NE entropy has smaller amplitudes for the off-resonant-full regime compared to the "
        "off-resonant-empty regime, see Fig. 15",
        "the largest entropy, and its range, over 0 < bias <= 1",
        "smaller by a ratio above 2, for each meaning of the word amplitude",
        _entropy_amplitudes,
    ),
    Claim(
        "exergy-amplitude",
        "App. B",
        "Figs. 4a, 4c (5a, 5c)",
        "A similar behavior is also obtained for the exergy, compared Fig. 4a and Fig. 4c",
        "the largest exergy over the gradient (as cited) and over the bias (as the text speaks of)",
        "smaller by a ratio above 2",
        _exergy_amplitudes,
        "The figures over the bias are 5a and 5c.",
    ),
    Claim(
        "exergy-part-of-entropy-production",
        "App. B",
        "",
        "the exergy or extractable work is a part of entropy production spent to reach NE "
        "steady-state",
        "the exergy against the entropy that sigma produces in the level's relaxation time",
        "not larger, for a time of 1/Gamma and for a quarter of it",
        _part_of_entropy_production,
        "sigma is a rate; the text names no time, and over all times it produces without bound.",
    ),
)
