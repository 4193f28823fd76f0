#!/usr/bin/env python3
"""The naive implementation: scipy.integrate.quad as it comes, one integral for each observable.

Textbook formulas, default tolerances, no break points: what one writes first. quad's own error
estimates are passed on, so that the score shows where the method loses digits, and where it does
not notice. One JSON line in, one JSON line out. Needs Python 3.10, NumPy and SciPy:

    qbval conformance check --exec "python quad.py"
"""

import json
import sys
import warnings
from collections.abc import Callable
from math import log, pi
from typing import Any

import numpy as np
from scipy.integrate import IntegrationWarning, quad
from scipy.special import entr, expit, rel_entr

warnings.simplefilter("ignore", IntegrationWarning)  # counted in abserr


def self_energy(lead: dict[str, float], w: float) -> Any:
    """Retarded self-energy of a semi-infinite chain: + 0j puts w on the upper side of the cuts."""
    x, edge = w - lead["onsite"] + 0j, 2 * lead["hopping"]
    root = np.sqrt(x - edge) * np.sqrt(x + edge)
    return lead["coupling"] ** 2 / (2 * lead["hopping"] ** 2) * (x - root)


def solve(case: dict[str, Any]) -> dict[str, Any]:
    """Return each observable of one case as a pair: value and absolute error estimate."""
    L, R, T_eq, mu_eq = case["left"], case["right"], case["temperature_eq"], case["mu_eq"]

    def integral(integrand: Callable[..., float]) -> Any:
        def of_energy(w: float) -> float:
            sigma_L, sigma_R = self_energy(L, w), self_energy(R, w)
            gamma_L, gamma_R = -2 * sigma_L.imag, -2 * sigma_R.imag
            gamma = gamma_L + gamma_R
            if gamma == 0:
                return 0.0
            G = 1 / (w - case["level"] - sigma_L - sigma_R)
            f_L, f_R, f_eq = (
                expit(-(w - mu) / T)
                for mu, T in (
                    (L["mu"], L["temperature"]),
                    (R["mu"], R["temperature"]),
                    (mu_eq, T_eq),
                )
            )
            f = (gamma_L * f_L + gamma_R * f_R) / gamma
            tau = gamma_L * gamma_R * abs(G) ** 2 / (2 * pi)
            return integrand(w, -G.imag / pi, f, f_eq, tau * (f_L - f_R))

        edges = [a["onsite"] + s * 2 * a["hopping"] for a in (L, R) for s in (-1, 1)]
        return np.array(quad(of_energy, min(edges), max(edges)))  # value, abserr

    def scaled(factor: float, pair: Any) -> Any:
        return np.array([factor * pair[0], abs(factor) * pair[1]])

    N = integral(lambda w, A, f, f_eq, i: A * f)
    N_eq = integral(lambda w, A, f, f_eq, i: A * f_eq)
    S = integral(lambda w, A, f, f_eq, i: A * (entr(f) + entr(1 - f)))
    X = integral(lambda w, A, f, f_eq, i: A * (rel_entr(f, f_eq) + rel_entr(1 - f, 1 - f_eq)))
    I = integral(lambda w, A, f, f_eq, i: i)
    J = integral(lambda w, A, f, f_eq, i: w * i)
    beta_L, beta_R = 1 / L["temperature"], 1 / R["temperature"]
    pairs = {
        "spectral_weight": integral(lambda w, A, f, f_eq, i: A),
        "particle_number": N,
        "energy": integral(lambda w, A, f, f_eq, i: w * A * f),
        "entropy": S,
        "exergy": X,
        "charge_current": I,
        "energy_current": J,
        "heat_current_left": J + scaled(-L["mu"], I),
        "heat_current_right": J + scaled(-R["mu"], I),
        "entropy_production": scaled(beta_L * L["mu"] - beta_R * R["mu"], I)
        + scaled(beta_R - beta_L, J),
        "equilibrium_particle_number": N_eq,
        "equilibrium_energy": integral(lambda w, A, f, f_eq, i: w * A * f_eq),
        "equilibrium_entropy": integral(lambda w, A, f, f_eq, i: A * (entr(f_eq) + entr(1 - f_eq))),
    }
    (d, d_error), (d_eq, d_eq_error) = N, N_eq
    if 0 < d < 1 and 0 < d_eq < 1:
        S2 = [entr(d) + entr(1 - d), abs(log(d / (1 - d))) * d_error]
        X2 = [
            rel_entr(d, d_eq) + rel_entr(1 - d, 1 - d_eq),
            abs(log(d / d_eq * (1 - d_eq) / (1 - d))) * d_error
            + abs((d_eq - d) / (d_eq * (1 - d_eq))) * d_eq_error,
        ]
        pairs |= {"two_state_entropy": S2, "two_state_exergy": X2}
        pairs |= {
            "entropy_gap": [S2[0] - S[0], S2[1] + S[1]],
            "exergy_gap": [X[0] - X2[0], X[1] + X2[1]],
        }
    return pairs


for line in sys.stdin:
    case = json.loads(line)
    answer = {"id": case["id"]}
    if case["bound_state_occupations"]:
        answer["error"] = "bound states are not implemented"
    else:
        pairs = solve(case)
        answer["values"] = {name: value for name, (value, _) in pairs.items()}
        answer["error_estimates"] = {name: error for name, (_, error) in pairs.items()}
    print(json.dumps(answer), flush=True)
