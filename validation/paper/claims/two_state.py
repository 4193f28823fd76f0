"""Claims of Appendix A on the exact and the two-state entropy and exergy: Fig. 8, (A4)-(A7).

May import: numpy, validation.paper.protocol, .routes, .claims.claim.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from validation.paper.claims.claim import (
    ABOUT,
    CLEARLY,
    EXACT,
    Claim,
    Finding,
    Number,
    by_conditions,
    by_deviation,
)
from validation.paper.protocol import FIG_8
from validation.paper.routes import Route

__all__ = ["CLAIMS"]

BIASES = np.linspace(0.0, 1.0, 41)[1:]
INTERMEDIATE, WEAK = 0.12, 0.06

FAR = 40.0
"""Chemical potentials this far outside the band, on either side: f_L = 1 and f_R = 0 in it."""


def _gaps(route: Route, coupling: float, **other: float) -> dict[str, np.ndarray]:
    """Return the relative differences of the two approaches over Fig. 8's biases."""
    p = {"coupling": coupling, "mu_eq": FIG_8["mu_eq"]} | other
    names = "entropy two_state_entropy exergy two_state_exergy"
    s, s2, x, x2 = route(names, FIG_8["level"], BIASES, **p)
    return {"entropy": (s2 - s) / s, "exergy": (x - x2) / x}


def _far_apart(route: Route) -> dict[str, float]:
    """Return the gaps where f_NE is one number over the whole band, at a finite coupling."""
    names = "entropy two_state_entropy"
    # mu_R = mu_eq = -FAR and mu_L = FAR: f_NE = v_L^2/(v_L^2 + v_R^2) everywhere.
    s, s2 = route(names, FIG_8["level"], 2 * FAR, coupling=INTERMEDIATE, mu_eq=-FAR)
    return {"S": float(s), "S2": float(s2)}


def _never_equal(route: Route) -> Finding:
    gaps = _gaps(route, INTERMEDIATE)
    far = _far_apart(route)
    numbers = [
        *(
            Number(f"smallest relative {n} gap in Fig. 8a", float(np.min(g)))
            for n, g in gaps.items()
        ),
        Number("entropy with the reservoirs far outside the band", far["S"]),
        Number("two-state entropy there", far["S2"]),
    ]
    return by_conditions(
        {
            "Fig. 8a": all(bool(np.all(g > EXACT)) for g in gaps.values()),
            "f_NE constant over the band": abs(far["S2"] / far["S"] - 1) > EXACT,
        },
        numbers,
    )


def _only_weak(route: Route) -> Finding:
    far = _far_apart(route)
    return by_conditions(
        {"couplings up to 0.12": abs(far["S2"] / far["S"] - 1) > EXACT},
        [
            Number("entropy, v = 0.12, reservoirs far outside the band", far["S"]),
            Number("two-state entropy there", far["S2"]),
        ],
    )


def _weak_coupling_agrees(route: Route) -> Finding:
    couplings = (0.04, 0.02, 0.01)
    conditions, numbers = {}, []
    for name in ("entropy", "exergy"):
        p = {"mu_eq": FIG_8["mu_eq"]}
        exact, two_state = f"{name} two_state_{name}".split()
        gaps = []
        for v in couplings:
            a, b = route(f"{exact} {two_state}", FIG_8["level"], 0.5, coupling=v, **p)
            gaps.append(abs(float(a) - float(b)) / float(a))
        order = float(np.log2(gaps[1] / gaps[2]))
        conditions[name] = all(a > b for a, b in pairwise(gaps))
        numbers += [
            Number(f"relative {name} gap at v = {v:g}", g)
            for v, g in zip(couplings, gaps, strict=True)
        ]
        numbers.append(Number(f"power of v with which the {name} gap falls", order))
    return by_conditions(conditions, numbers)


def _different_in_8a(route: Route) -> Finding:
    gaps = _gaps(route, INTERMEDIATE)
    return by_conditions(
        {name: bool(np.all(np.abs(gap) > EXACT)) for name, gap in gaps.items()},
        [
            n
            for name, gap in gaps.items()
            for n in (
                Number(f"smallest relative {name} gap, v = 0.12", float(np.min(np.abs(gap)))),
                Number(f"largest relative {name} gap, v = 0.12", float(np.max(np.abs(gap)))),
            )
        ],
    )


def _similar_in_8b(route: Route) -> Finding:
    deviations, numbers = {}, []
    for name, gap in _gaps(route, WEAK).items():
        driven = gap[BIASES >= 0.1 - 1e-9]
        deviations[f"{name}, bias >= 0.1"] = float(np.max(driven))
        deviations[f"{name}, bias < 0.1"] = float(np.max(gap[BIASES < 0.1 - 1e-9]))
        numbers.append(Number(f"largest relative {name} gap, v = 0.06", float(np.max(gap))))
    return by_deviation(deviations, ABOUT, numbers)


def _closer_in_8b(route: Route) -> Finding:
    a, b = _gaps(route, INTERMEDIATE), _gaps(route, WEAK)
    ratios = {name: float(np.min(a[name] / b[name])) for name in a}
    return by_conditions(
        {name: ratio > CLEARLY for name, ratio in ratios.items()},
        [Number(f"smallest ratio of the {n} gaps, 8a over 8b", r) for n, r in ratios.items()],
    )


CLAIMS = (
    Claim(
        "average-never-equal",
        "App. A",
        "(A6), (A7)",
        "the average of a function … (in the most general case) is never equal to the function "
        "of the average … Therefore the results from Eq. (12) or Eq. (13) will always differ "
        "from Eq. (A4) or Eq. (A5)",
        "the gaps of Fig. 8a, and the entropy gap with μ_L, μ_R = +-40: f_NE = 1/2 in the band",
        "different by more than 1e-9",
        _never_equal,
        "x ln x is strictly convex: equal if and only if f_NE is one number wherever A > 0.",
    ),
    Claim(
        "equal-only-at-weak-coupling",
        "App. A",
        "",
        "there is only one case for which Eq. (12) or Eq. (13) gives the same results as Eq. (A4) "
        "or Eq. (A5). It is the case of weak coupling to the leads",
        "the entropy gap at v = 0.12 with μ_L, μ_R = +-40",
        "different by more than 1e-9",
        _only_weak,
        "Reservoirs far outside the band, or hot ones, give equality at any coupling.",
    ),
    Claim(
        "weak-coupling-agreement",
        "App. A",
        "Fig. 8",
        "In the limit of weak coupling to the L and R reservoirs, as expected, both approaches "
        "provide the similar results",
        "the relative gaps at v = 0.04, 0.02, 0.01, bias 0.5, and the power of v of their fall",
        "falling from each to the next",
        _weak_coupling_agrees,
        "Both gaps begin with the second power of the coupling.",
    ),
    Claim(
        "intermediate-coupling-differs",
        "App. A",
        "Fig. 8a",
        "Calculations from Eq. (13) and Eq. (12) differ from the maximum work and NE entropy "
        "obtained from Eq. (A5) and Eq. (A4) as expected",
        "the relative gaps over 0 < bias <= 1 at v = 0.12",
        "different by more than 1e-9 at each point",
        _different_in_8a,
    ),
    Claim(
        "weak-coupling-figure-similar",
        "App. A",
        "Fig. 8b",
        "both approaches provide the similar results",
        "the relative gaps over 0 < bias <= 1 at v = 0.06",
        "similar: within 20 %",
        _similar_in_8b,
    ),
    Claim(
        "weaker-coupling-closer",
        "App. A",
        "Fig. 8",
        "the intermediate coupling regime … and the weak coupling regime … respectively",
        "the ratio of the relative gaps at v = 0.12 and at v = 0.06 over 0 < bias <= 1",
        "a ratio above 2 at each point",
        _closer_in_8b,
        "The second power of v gives 4.",
    ),
)
