"""An implementation of the model with a switch for every well-known mistake.

Textbook formulas of its own, NumPy and Gauss-Legendre; equal bands, bound states included. As a
program it speaks the conformance protocol:

    python wrong_implementations.py --mistake printed-self-energy --mistake missing-two-pi
"""

import argparse
import json
import sys

import numpy as np
from scipy.optimize import brentq

PANELS, NODES = 200, 12


def entropy(p, log, holes=True):
    return -p * log(p) - (1 - p) * log(1 - p) * holes


def relative_entropy(p, q, log, holes=True):
    return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q)) * holes


def fermi(w, mu, temperature):
    return 1 / (np.exp(np.clip((w - mu) / temperature, -700, 700)) + 1)


def bound_states(level, hopping, kappa):
    """Return energies (from the band centre) and weights; ``level`` from there too."""

    def gap(x):
        return x - level - kappa * (x - np.sign(x) * np.sqrt(x * x - 4 * hopping**2))

    states = []
    far = abs(level) + (2 + 4 * kappa) * hopping
    for side in (-1, 1):
        if side * gap(side * 2 * hopping) < 0:
            x = brentq(gap, side * 2 * hopping, side * far, xtol=1e-15)
            slope = kappa * (1 - abs(x) / np.sqrt(x * x - 4 * hopping**2))
            states.append((x, 1 / (1 - slope)))
    return states


def solve(case, *wrong, panels=PANELS):
    """Return all observables of one input line, with the named mistakes in them."""
    level, mu_eq, T_eq = case["level"], case["mu_eq"], case["temperature_eq"]
    L, R = case["left"], case["right"]
    if (L["onsite"], L["hopping"]) != (R["onsite"], R["hopping"]):
        raise NotImplementedError("unequal bands")
    h, v_L, v_R = L["hopping"], L["coupling"], R["coupling"]
    centre = level if "band-follows-level" in wrong else L["onsite"]
    log = np.log2 if "log-base-2" in wrong else np.log
    holes = "hole-terms-missing" not in wrong

    # The leads.
    node, node_weight = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(0, np.pi, panels + 1)
    k = ((edges[1:] + edges[:-1])[:, None] / 2 + np.diff(edges)[:, None] / 2 * node).ravel()
    measure = (np.diff(edges)[:, None] / 2 * node_weight).ravel() * 2 * h * np.sin(k)
    w = centre - 2 * h * np.cos(k)
    phase = np.exp(-1j * k) if "printed-self-energy" in wrong else -np.exp(1j * k)
    sigma_L, sigma_R = v_L**2 / h * phase, v_R**2 / h * phase
    broadening = -1 if "half-broadening" in wrong else -2
    gamma_L, gamma_R = broadening * sigma_L.imag, broadening * sigma_R.imag
    G = 1 / (w - level - sigma_L - sigma_R)
    A = (gamma_L + gamma_R) * abs(G) ** 2 / (2 * np.pi)
    tau = gamma_L * gamma_R * abs(G) ** 2 / (1 if "missing-two-pi" in wrong else 2 * np.pi)

    # The states: those of the band, and the bound ones.
    f_L, f_R = fermi(w, L["mu"], L["temperature"]), fermi(w, R["mu"], R["temperature"])
    f = (gamma_L * f_L + gamma_R * f_R) / (gamma_L + gamma_R)
    if "mean-occupation" in wrong:
        f = (f_L + f_R) / 2
    band_weight = (measure * A).sum()
    origin = 0
    if "energies-from-mu-eq" in wrong:
        origin = mu_eq
    elif "energies-from-level" in wrong:
        origin = level
    bound = bound_states(level - L["onsite"], h, (v_L**2 + v_R**2) / (2 * h * h))
    occupations = case["bound_state_occupations"]
    if len(bound) != len(occupations):
        raise NotImplementedError("a bound state too close to the band")
    energies, weights, fillings = w, measure * A, f
    if bound and "bound-states-dropped" not in wrong:
        energies = np.append(w, [centre + x for x, _ in bound])
        weights = np.append(weights, [z for _, z in bound])
        fillings = np.append(f, occupations)
    f_eq = fermi(energies, mu_eq, T_eq)
    N, N_eq = (weights * fillings).sum(), (weights * f_eq).sum()
    E, E_eq = ((weights * (energies - origin) * g).sum() for g in (fillings, f_eq))
    S = (weights * entropy(fillings, log, holes)).sum()
    S_eq = (weights * entropy(f_eq, log, holes)).sum()
    X = (weights * relative_entropy(fillings, f_eq, log, holes)).sum()
    if "plus-mu-n" in wrong:
        X = (E - E_eq + mu_eq * (N - N_eq)) / T_eq - (S - S_eq)
    if "missing-mu-n" in wrong:
        X = (E - E_eq) / T_eq - (S - S_eq)

    # The currents.
    window = f_R - f_L if "current-reversed" in wrong else f_L - f_R
    I = (measure * tau * window).sum()
    J = (measure * (w - origin) * tau * window).sum()
    mu_of_left, mu_of_right = L["mu"], R["mu"]
    if "heat-exchanged" in wrong:
        mu_of_left, mu_of_right = mu_of_right, mu_of_left
    beta_L, beta_R = 1 / L["temperature"], 1 / R["temperature"]
    sigma = (beta_L * L["mu"] - beta_R * R["mu"]) * I - (beta_L - beta_R) * J

    spins = 2 if "two-spins" in wrong else 1
    d = spins * N
    d_eq = fermi(level, mu_eq, T_eq) if "level-reference" in wrong else spins * N_eq
    S2, X2 = entropy(d, log, holes), relative_entropy(d, d_eq, log, holes)
    S, X = spins * S, spins * X
    if "exergy-in-energy-units" in wrong:
        X, X2 = T_eq * X, T_eq * X2
    gap_sign = -1 if "gap-sign" in wrong else 1
    all_weight = "weight-with-bound-states" in wrong
    return {
        "spectral_weight": spins * (band_weight + all_weight * sum(z for _, z in bound)),
        "particle_number": d,
        "energy": spins * E,
        "entropy": S,
        "exergy": X,
        "charge_current": spins * I,
        "energy_current": spins * J,
        "heat_current_left": spins * (J - mu_of_left * I),
        "heat_current_right": spins * (J - mu_of_right * I) * (-1 if "heat-sign" in wrong else 1),
        "entropy_production": spins * sigma * (-1 if "entropy-production-sign" in wrong else 1),
        "equilibrium_particle_number": spins * N_eq,
        "equilibrium_energy": spins * E_eq,
        "equilibrium_entropy": spins * S_eq,
        "two_state_entropy": S2,
        "two_state_exergy": X2,
        "entropy_gap": gap_sign * (S2 - S),
        "exergy_gap": gap_sign * (X - X2),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mistake", action="append", default=[])
    wrong = parser.parse_args().mistake
    for line in sys.stdin:
        case = json.loads(line)
        answer = {"id": case["id"]}
        try:
            with np.errstate(all="ignore"):
                values = solve(case, *wrong)
        except NotImplementedError as error:
            answer["error"] = str(error)
        else:
            answer["values"] = {name: float(v) for name, v in values.items() if np.isfinite(v)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
