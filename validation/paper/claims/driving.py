"""Claims of Sec. IV B on what any drive does: exergy, entropy, currents; Fig. 3.

May import: numpy, validation.paper.protocol, .routes, .claims.claim, .ranges.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from validation.paper.claims.claim import (
    Claim,
    Finding,
    Number,
    above,
    by_conditions,
    by_intervals,
)
from validation.paper.claims.ranges import BIASES, GRADIENTS, LABELS, LEVELS, MODERATE, rises
from validation.paper.protocol import BASE, REGIMES
from validation.paper.routes import Array, Route

__all__ = ["CLAIMS"]


def _driven_more_than_at_equilibrium(observable: str) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        conditions, numbers = {}, []
        for name, level in REGIMES.items():
            at_rest = route(observable, level)
            for drive, bias, gradient in (
                ("bias", BIASES, 0.0),
                ("gradient", 0.0, MODERATE),
            ):
                values = route(observable, level, bias, gradient)
                conditions[f"a {drive} ({name})"] = bool(np.all(values > at_rest))
                change = values[np.argmax(np.abs(values - at_rest))] - at_rest
                numbers.append(
                    Number(f"largest change of the {observable}, {drive}, {name}", float(change))
                )
        return by_conditions(conditions, numbers)

    return judge


def _larger_drive(names: str, absolute: bool) -> Callable[[Route], Finding]:
    def judge(route: Route) -> Finding:
        conditions, numbers = {}, []
        for regime, level in REGIMES.items():
            for drive, bias, gradient in (("bias", BIASES, 0.0), ("gradient", 0.0, GRADIENTS)):
                found = route(names, level, bias, gradient)
                for name, values in zip(
                    names.split(), found if " " in names else [found], strict=True
                ):
                    size = np.abs(values) if absolute else values
                    label, unit = LABELS[name]
                    conditions[f"{label} over {drive} ({regime})"] = rises(size)
                    numbers.append(
                        Number(f"{label} at {drive} 1, {regime}", float(values[-1]), unit)
                    )
        return by_conditions(conditions, numbers)

    return judge


WINDOW = (BASE["mu_eq"], BASE["mu_eq"] + 0.5)
"""The energy window of Fig. 3's bias: from mu_R to mu_L."""


def _entropy_window(route: Route) -> Finding:
    inside = np.linspace(*WINDOW, 101)
    where = {
        "": above(lambda e: route("entropy", e, 0.5) - route("equilibrium_entropy", e), inside)
    }
    numbers = [
        Number(f"level from which the entropy is larger, {k + 1}", part[0], "energy")
        for k, part in enumerate(where[""])
    ]
    return by_intervals(where, WINDOW, "eps_QB", numbers)


def _half_filled(route: Route) -> Finding:
    def width(bias: float) -> float:
        def inside(e: Array) -> Array:
            return 0.1 - np.abs(route("particle_number", e, bias) - 0.5)

        return sum(high - low for low, high in above(inside, LEVELS))

    driven, at_rest = width(0.5), width(0.0)
    return by_conditions(
        {"bias 0.5": driven > at_rest},
        [
            Number("range of levels with 0.4 < N < 0.6, bias 0.5", driven, "energy"),
            Number("range of levels with 0.4 < N < 0.6, equilibrium", at_rest, "energy"),
        ],
    )


CLAIMS = (
    Claim(
        "driving-raises-exergy",
        "IV B",
        "",
        "applying a bias Δμ or a temperature gradient ΔT will generate a charge or an energy "
        "current … This, in turn, increases … the exergy in the battery",
        "the exergy with a bias up to 1, and with a gradient up to 0.4, against equilibrium",
        "larger at each point",
        _driven_more_than_at_equilibrium("exergy"),
    ),
    Claim(
        "driving-raises-entropy",
        "IV B",
        "",
        "This, in turn, increases the entropy … in the battery",
        "the entropy with a bias up to 1, and with a gradient up to 0.4, against equilibrium",
        "larger at each point",
        _driven_more_than_at_equilibrium("entropy"),
        "A bias empties or fills a level outside its window further, and takes a half-filled one "
        "towards three quarters: both lower the entropy.",
    ),
    Claim(
        "larger-drive-larger-currents",
        "IV B",
        "",
        "As a general trend, the larger Δμ or ΔT, the larger the currents",
        "|I_Q| and |J_E| over bias, and over gradient, up to 1, in each regime",
        "rising from each of 100 points to the next",
        _larger_drive("charge_current energy_current", absolute=True),
    ),
    Claim(
        "larger-drive-larger-entropy",
        "IV B",
        "",
        "the larger Δμ or ΔT, the larger … the entropy",
        "the entropy over bias, and over gradient, up to 1, in each regime",
        "rising from each of 100 points to the next",
        _larger_drive("entropy", absolute=False),
    ),
    Claim(
        "larger-drive-larger-exergy",
        "IV B",
        "Figs. 4, 5",
        "the larger Δμ or ΔT, the larger … the exergy",
        "the exergy over bias, and over gradient, up to 1, in each regime",
        "rising from each of 100 points to the next",
        _larger_drive("exergy", absolute=False),
    ),
    Claim(
        "entropy-rises-in-the-window",
        "IV B",
        "Fig. 3",
        "In comparison to the equilibrium case Fig. 2, the NE entropy increases for ε_QB values "
        "included in an energy window corresponding to the applied bias",
        "the entropy at bias 0.5 less that at equilibrium, for levels from μ_R to μ_L",
        "the levels for which it is larger",
        _entropy_window,
        "At the window's lower end equilibrium has its own maximum.",
    ),
    Claim(
        "wider-half-filling",
        "IV B",
        "Fig. 3",
        "values allowing for a wider range of energies for which the QB energy level is quasi "
        "half-filled",
        "the range of levels with 0.4 < N < 0.6, at bias 0.5 and at equilibrium",
        "the former is larger",
        _half_filled,
    ),
)
