"""Claims of Sec. IV B 2 and Appendix B on which regime, and which drive, charges more.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from validation.paper.claims.claim import Claim, Finding, Number, above, by_conditions, by_intervals
from validation.paper.claims.ranges import BIASES, GRADIENTS, LABELS
from validation.paper.protocol import REGIMES
from validation.paper.routes import Array, Route

__all__ = ["CLAIMS"]

EMPTY = REGIMES["empty"]
WHOLE = (float(BIASES[0]), float(BIASES[-1]))


def _empty_is_largest(observable: str) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        label, unit = LABELS[observable]

        def size(level: float, bias: Array) -> Array:
            return np.abs(route(observable, level, bias))

        def lead(level: float) -> Callable[[Array], Array]:
            return lambda b: size(EMPTY, b) - size(level, b)

        where = {
            name: above(lead(level), BIASES) for name, level in REGIMES.items() if name != "empty"
        }
        numbers = [
            Number(f"|{label}| at bias {b:g}, {name}", float(size(level, np.array([b]))[0]), unit)
            for b in (0.1, 0.5)
            for name, level in REGIMES.items()
        ]
        numbers += [
            Number(f"bias from which it is larger, {name}", parts[0][0], "energy")
            for name, parts in where.items()
            if parts
        ]
        return by_intervals(where, WHOLE, "bias", numbers)

    return judge


def _bias_over_gradient(route: Route) -> Finding:
    where, numbers = {}, []
    for name, level in REGIMES.items():

        def difference(size: Array, e: float = level) -> Array:
            return np.asarray(route("exergy", e, size) - route("exergy", e, 0.0, size))

        where[name] = above(difference, BIASES)
        for size in (0.1, 0.3, 1.0):
            numbers += [
                Number(f"exergy at bias {size:g}, {name}", float(route("exergy", level, size))),
                Number(
                    f"exergy at gradient {size:g}, {name}",
                    float(route("exergy", level, 0.0, size)),
                ),
            ]
        numbers += [
            Number(f"size from which the bias charges more, {name}", part[0], "energy")
            for part in where[name]
        ]
    return by_intervals(where, WHOLE, "both sizes", numbers)


def _largest_of_all(route: Route) -> Finding:
    best = {}
    for name, level in REGIMES.items():
        best[f"bias, {name}"] = float(np.max(route("exergy", level, BIASES)))
        best[f"gradient, {name}"] = float(np.max(route("exergy", level, 0.0, GRADIENTS)))
    first = max(best, key=best.__getitem__)
    return by_conditions(
        {"drives up to 1": first == "bias, empty"},
        [Number(f"largest exergy over {name}", value) for name, value in best.items()],
    )


CLAIMS = (
    Claim(
        "largest-current-empty",
        "IV B 2",
        "Figs. 10a, 12a, 14a",
        "positive biases lead to larger currents in the off-resonant-empty regimes in comparison "
        "to the resonant and off-resonant-full regime",
        "|I_Q| of the empty against the two other regimes, 0 < bias <= 1",
        "the biases for which it is larger",
        _empty_is_largest("charge_current"),
    ),
    Claim(
        "largest-exergy-empty",
        "IV B 2",
        "Fig. 5",
        "Consequently, the exergy is larger for the off-resonant-empty regime in comparison to the "
        "resonant and off-resonant-full regimes",
        "the exergy of the empty against the two other regimes, 0 < bias <= 1",
        "the biases for which it is larger",
        _empty_is_largest("exergy"),
    ),
    Claim(
        "bias-charges-more-than-gradient",
        "App. B",
        "Figs. 4, 5",
        "The exergy … βW_ext has larger values for an applied bias Δμ (with no temperature "
        "gradient … than for an applied temperature gradient ΔT (with no bias",
        "the exergy at a bias less that at a gradient of the same size, up to 1, in each regime",
        "the sizes for which it is larger",
        _bias_over_gradient,
    ),
    Claim(
        "largest-values-empty-with-bias",
        "IV B 2, App. B",
        "Fig. 5",
        "The largest values for βW_ext are obtained for the off-resonant-empty regime with an "
        "applied bias",
        "the largest exergy over biases and over gradients up to 1, in each regime",
        "the largest of the six",
        _largest_of_all,
    ),
)
