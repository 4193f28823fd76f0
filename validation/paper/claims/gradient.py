"""Claims of Sec. IV B 1: what a temperature gradient drives, and a small bias added to it.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from validation.paper.claims.claim import (
    CLEARLY,
    Claim,
    Finding,
    Number,
    above,
    by_conditions,
    by_intervals,
)
from validation.paper.claims.ranges import MODERATE, rises
from validation.paper.protocol import REGIMES, SMALL_BIASES
from validation.paper.routes import Array, Route

__all__ = ["CLAIMS"]

WHOLE = (float(MODERATE[0]), float(MODERATE[-1]))

TYPICAL = 0.2
"""A gradient of twice the temperature, at which regimes are compared."""

BIAS = SMALL_BIASES[-1]


def _exergy_grows(route: Route) -> Finding:
    conditions, numbers = {}, []
    for name, level in REGIMES.items():
        for bias in SMALL_BIASES:
            values = route("exergy", level, bias, MODERATE)
            conditions[f"{name} with bias {bias:g}"] = rises(values)
            numbers.append(Number(f"exergy, {name}, bias {bias:g}, gradient 0.4", values[-1]))
    return by_conditions(conditions, numbers)


def _depends_on_the_level(route: Route) -> Finding:
    values = {n: float(route("exergy", e, 0.0, TYPICAL)) for n, e in REGIMES.items()}
    ratio = max(values.values()) / min(values.values())
    numbers = [Number(f"exergy at gradient 0.2, {n}", v) for n, v in values.items()]
    return by_conditions(
        {"the three regimes": ratio > CLEARLY},
        [*numbers, Number("largest over smallest", ratio)],
    )


def _opposite_signs(route: Route) -> Finding:
    names = "charge_current energy_current heat_current_left"
    empty = route(names, REGIMES["empty"], 0.0, MODERATE)
    full = route(names, REGIMES["full"], 0.0, MODERATE)
    conditions, numbers = {}, []
    for name, a, b in zip(names.split(), empty, full, strict=True):
        label = {"charge_current": "I_Q", "energy_current": "J_E", "heat_current_left": "J_H^L"}
        conditions[label[name]] = bool(np.all(a * b < 0))
        at = int(np.argmin(np.abs(MODERATE - TYPICAL)))
        unit = "energy" if name == "charge_current" else "energy^2"
        numbers.append(Number(f"{label[name]} at gradient 0.2, empty", float(a[at]), unit))
        numbers.append(Number(f"{label[name]} at gradient 0.2, full", float(b[at]), unit))
    return by_conditions(conditions, numbers)


def _off_resonance_grows(route: Route) -> Finding:
    conditions, numbers = {}, []
    for name in ("empty", "full"):
        current, exergy = route("charge_current exergy", REGIMES[name], 0.0, MODERATE)
        conditions[f"|I_Q| ({name})"] = rises(np.abs(current))
        conditions[f"exergy ({name})"] = rises(exergy)
        numbers.append(Number(f"I_Q at gradient 0.4, {name}", float(current[-1]), "energy"))
        numbers.append(Number(f"exergy at gradient 0.4, {name}", float(exergy[-1])))
    return by_conditions(conditions, numbers)


def _reduced_at_resonance(observable: str, unit: str) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        values = {n: abs(float(route(observable, e, 0.0, TYPICAL))) for n, e in REGIMES.items()}
        ratio = min(values["empty"], values["full"]) / values["resonant"]
        label = observable.replace("_", " ")
        numbers = [Number(f"|{label}| at gradient 0.2, {n}", v, unit) for n, v in values.items()]
        return by_conditions(
            {"gradient 0.2": ratio > CLEARLY},
            [*numbers, Number("off-resonant over resonant", ratio)],
        )

    return judge


def _sign_of_the_bias(route: Route) -> Finding:
    biases = np.linspace(-1.0, 1.0, 41)
    biases = biases[np.abs(biases) > 1e-9]
    conditions = {}
    for name, level in REGIMES.items():
        conditions[name] = bool(np.all(route("charge_current", level, biases) * biases > 0))
    value = float(route("charge_current", REGIMES["empty"], BIAS))
    return by_conditions(conditions, [Number("I_Q at bias 0.1, empty", value, "energy")])


def _adds_to_the_currents(route: Route) -> Finding:
    names = "charge_current energy_current heat_current_left"
    conditions, numbers = {}, []
    for name, level in REGIMES.items():
        parts = {b: route(names, level, b, MODERATE) for b in (-BIAS, 0.0, BIAS)}
        for i, label in enumerate(("I_Q", "J_E", "J_H^L")):
            more, less = parts[BIAS][i] - parts[0.0][i], parts[-BIAS][i] - parts[0.0][i]
            conditions[f"{label} ({name})"] = bool(np.all(more > 0) and np.all(less < 0))
            at = int(np.argmin(np.abs(MODERATE - TYPICAL)))
            unit = "energy" if i == 0 else "energy^2"
            numbers.append(
                Number(f"{label} added by bias 0.1 at gradient 0.2, {name}", float(more[at]), unit)
            )
    return by_conditions(conditions, numbers)


def _ordered(
    observable: str, regime: str, sign: int, absolute: bool = False
) -> Callable[[Route], Finding]:
    """Judge where a bias of +-0.1 moves an observable up or down along with it (or against it)."""

    def judge(route: Route) -> Finding:
        level = REGIMES[regime]

        def value(bias: float, gradient: Array) -> Array:
            found = route(observable, level, bias, gradient)
            return np.abs(found) if absolute else np.asarray(found)

        def along(bias: float) -> Callable[[Array], Array]:
            return lambda g: sign * np.sign(bias) * (value(bias, g) - value(0.0, g))

        where = {f"bias {b:+g}": above(along(b), MODERATE) for b in (BIAS, -BIAS)}
        unit = "1" if observable == "exergy" else "energy"
        numbers = [
            Number(
                f"{observable.replace('_', ' ')} at gradient 0.2, bias {b:g}",
                float(value(b, np.array([TYPICAL]))[0]),
                unit,
            )
            for b in SMALL_BIASES
        ]
        numbers += [
            Number(f"gradient where it begins, bias {b:+g}", where[f"bias {b:+g}"][0][0], "energy")
            for b in (BIAS, -BIAS)
            if where[f"bias {b:+g}"]
        ]
        return by_intervals(where, WHOLE, "gradient", numbers)

    return judge


CLAIMS = (
    Claim(
        "exergy-grows-with-gradient",
        "IV B 1",
        "Fig. 4",
        "As expected, the exergy increases with increasing temperature gradients",
        "the exergy over 0 < gradient <= 0.4 in each regime, with each small bias",
        "rising from each of 80 points to the next",
        _exergy_grows,
        "A bias against the thermal current is overcome first: the exergy falls before it rises.",
    ),
    Claim(
        "gradient-depends-on-level",
        "IV B 1",
        "Fig. 4",
        "the behavior of … versus ΔT depends strongly on the position of the energy "
        "level of the QB",
        "the exergy at gradient 0.2 in the three regimes",
        "strongly: a ratio above 2",
        _depends_on_the_level,
    ),
    Claim(
        "opposite-thermal-and-charge-currents",
        "IV B 1",
        "Figs. 11a, 13a",
        "Both thermal and charge currents have opposite sign (compared Fig. 11a and Fig. 13a)",
        "I_Q, J_E and J_H^L of the empty against those of the full regime, 0 < gradient <= 0.4",
        "opposite signs at each of 80 points",
        _opposite_signs,
        "Heat and energy flow from hot to cold in both regimes; only the charge current turns.",
    ),
    Claim(
        "off-resonant-currents-and-exergy-grow",
        "IV B 1",
        "Figs. 4a, 4c, 11a, 13a",
        "Regardless to the sign of the thermal currents, the currents increase with increasing "
        "ΔT which therefore leads to an increase of the exergy",
        "|I_Q| and the exergy over 0 < gradient <= 0.4 in the off-resonant regimes",
        "rising from each of 80 points to the next",
        _off_resonance_grows,
    ),
    Claim(
        "resonance-reduces-thermal-current",
        "IV B 1",
        "Fig. 9a",
        "For the resonant case, there is a competing contribution from electron and hole processes "
        "and hence a strong reduction of the thermal charge current",
        "|I_Q| at gradient 0.2 in the three regimes",
        "strong: a ratio above 2",
        _reduced_at_resonance("charge_current", "energy"),
    ),
    Claim(
        "resonance-reduces-exergy",
        "IV B 1",
        "Fig. 4b",
        "which also corresponds to a reduction of the exergy (see Fig. 4b) in comparison to the "
        "off-resonant cases",
        "the exergy at gradient 0.2 in the three regimes",
        "a ratio above 2",
        _reduced_at_resonance("exergy", "1"),
    ),
    Claim(
        "bias-sets-direction",
        "IV B 1",
        "",
        "a positive (negative) bias Δμ = μ_L - μ_R implies electron transfer from left to "
        "right (right to the left)",
        "the sign of I_Q over -1 <= bias <= 1 without a gradient, in the three regimes",
        "the sign of the bias at each of 40 points",
        _sign_of_the_bias,
    ),
    Claim(
        "bias-adds-to-thermal-currents",
        "IV B 1",
        "",
        "This leads to a positive (negative) contribution for the thermal currents",
        "what a bias of +-0.1 adds to I_Q, J_E and J_H^L, 0 < gradient <= 0.4, in each regime",
        "the sign of the bias at each of 80 points",
        _adds_to_the_currents,
        "J_H^L = J_E - μ_L I_Q has the bias in its own definition.",
    ),
    Claim(
        "empty-bias-raises-current",
        "IV B 1",
        "Fig. 11a",
        "For the off-resonant-empty regime, an additional positive (negative) bias increases "
        "(decreases) the charge current",
        "I_Q with bias +0.1 and -0.1 against that without, 0 < gradient <= 0.4",
        "the inequality's range of gradients",
        _ordered("charge_current", "empty", +1),
    ),
    Claim(
        "empty-bias-raises-exergy",
        "IV B 1",
        "Fig. 4c",
        "and similarly for the exergy",
        "the exergy with bias +0.1 and -0.1 against that without, 0 < gradient <= 0.4",
        "the inequality's range of gradients",
        _ordered("exergy", "empty", +1),
        "At a small gradient the bias is the larger force: it charges in either direction.",
    ),
    Claim(
        "full-bias-raises-current",
        "IV B 1",
        "Fig. 13a",
        "For the off-resonant-full regime, an additional positive (negative) bias increases "
        "(decreases) the charge current",
        "I_Q with bias +0.1 and -0.1 against that without, 0 < gradient <= 0.4",
        "the inequality's range of gradients",
        _ordered("charge_current", "full", +1),
    ),
    Claim(
        "full-bias-lowers-absolute-current",
        "IV B 1",
        "Fig. 13a",
        "because of the sign of the current, this corresponds to an opposite behavior for the "
        "absolute value of the current",
        "|I_Q| with bias +0.1 and -0.1 against that without, 0 < gradient <= 0.4",
        "the inequality's range of gradients",
        _ordered("charge_current", "full", -1, absolute=True),
    ),
    Claim(
        "full-bias-lowers-exergy",
        "IV B 1",
        "Fig. 4a",
        "therefore, an additional positive (negative) bias decreases (increases) the exergy",
        "the exergy with bias +0.1 and -0.1 against that without, 0 < gradient <= 0.4",
        "the inequality's range of gradients",
        _ordered("exergy", "full", -1),
    ),
)
