"""Fit the level and both couplings to a noisy current-bias curve.

    python examples/fit_current.py [--output fit_current.png] [--repeats 8]

A current I_Q(bias), Eq. (7), is drawn with noise, and the level and the two couplings are
recovered by `scipy.optimize.least_squares`: once with the Jacobian of `qbnum.gradients`, once
with SciPy's finite differences. The table compares what the optimiser asked for, the time, and
the parameters with their standard errors; repeated noise shows whether those errors are honest.

With equal bands the transmission does not change when the couplings are exchanged: a current
alone cannot tell which of the two is the left one. The larger is called left here.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

import qbnum

Array = NDArray[np.float64]

NAMES = ("level", "left.coupling", "right.coupling")
TRUTH = np.array([0.4, 0.30, 0.18])
START = np.array([0.1, 0.45, 0.08])
BOUNDS = ([-1.5, 1e-3, 1e-3], [1.5, 1.0, 1.0])
BIAS = (np.arange(-20, 40) + 0.5) * 0.03
TEMPERATURE, MU = 0.03, 0.1
NOISE = 0.01  # standard deviation, as a share of the largest current


def junction(parameters: Array) -> qbnum.Junction:
    """Return the junctions of the curve, one for each bias."""
    level, v_left, v_right = map(float, parameters)
    left = qbnum.Lead(0.0, 1.0, v_left, MU + BIAS, TEMPERATURE)
    right = qbnum.Lead(0.0, 1.0, v_right, MU, TEMPERATURE)
    return qbnum.Junction(level, left, right, MU, TEMPERATURE)


def current(parameters: Array) -> Array:
    """Return I_Q at every bias."""
    # The current needs no occupation of bound states, so their policy does not matter.
    return np.asarray(qbnum.steady_state(junction(parameters)).charge_current)


def current_and_jacobian(parameters: Array) -> tuple[Array, Array]:
    """Return I_Q at every bias, and its derivatives by level and couplings, (biases, 3)."""
    g = qbnum.gradients(junction(parameters), ["charge_current"], NAMES)
    return np.asarray(g.value("charge_current")), g.jacobian("charge_current")


@dataclass(frozen=True)
class Fit:
    """Best parameters, their standard errors, and what it took to find them."""

    parameters: Array
    errors: Array
    curves: int
    jacobians: int
    seconds: float


def fit(data: Array, analytic: bool) -> Fit:
    """Fit a curve, with the analytic Jacobian or with finite differences."""
    calls = {"curves": 0, "jacobians": 0}
    jacobians: dict[bytes, Array] = {}  # computed with the curve, asked for next

    def residual(parameters: Array) -> Array:
        calls["curves"] += 1
        if not analytic:
            return current(parameters) - data
        calls["jacobians"] += 1
        curve, jacobian = current_and_jacobian(parameters)
        jacobians[parameters.tobytes()] = jacobian
        return curve - data

    def derivative(parameters: Array) -> Array:
        return jacobians[parameters.tobytes()]

    begin = time.perf_counter()
    found = least_squares(
        residual, START, jac=derivative if analytic else "2-point", bounds=BOUNDS, xtol=1e-10
    )
    seconds = time.perf_counter() - begin
    variance = 2 * found.cost / (data.size - found.x.size)
    covariance = variance * np.linalg.inv(found.jac.T @ found.jac)
    return Fit(found.x, np.sqrt(np.diag(covariance)), seconds=seconds, **calls)


def forward_differences(parameters: Array) -> Array:
    """Return the Jacobian as SciPy's "2-point" scheme takes it."""
    steps = np.sqrt(np.finfo(float).eps) * np.abs(parameters)
    here = current(parameters)
    columns = []
    for k, step in enumerate(steps):
        moved = parameters.copy()
        moved[k] += step
        columns.append((current(moved) - here) / (moved[k] - parameters[k]))
    return np.stack(columns, axis=-1)


def noisy(clean: Array, seed: int) -> Array:
    """Return the curve with Gaussian noise."""
    noise = np.random.default_rng(seed).normal(size=clean.size)
    return clean + NOISE * np.abs(clean).max() * noise


def report(fits: dict[str, Fit], pulls: Array) -> None:
    """Print the comparison."""
    print(f"{'':24}" + "".join(f"{title:>24}" for title in fits))
    for label, show in (
        ("curves computed", lambda f: f"{f.curves}"),
        ("Jacobians computed", lambda f: f"{f.jacobians}"),
        ("seconds", lambda f: f"{f.seconds:.3f}"),
    ):
        print(f"{label:24}" + "".join(f"{show(f):>24}" for f in fits.values()))
    for k, name in enumerate(NAMES):
        cells = (f"{f.parameters[k]:.5f} +- {f.errors[k]:.5f}" for f in fits.values())
        print(f"{name + f' (true {TRUTH[k]})':24}" + "".join(f"{cell:>24}" for cell in cells))
    if pulls.size:
        spread = np.sqrt(np.mean(pulls**2, axis=0))
        print(f"\n{len(pulls)} repeats of the noise: (fitted - true) / standard error, r.m.s.")
        print(
            "   ".join(f"{name} {value:.2f}" for name, value in zip(NAMES, spread, strict=True))
            + f"   (1 +- {1 / np.sqrt(2 * len(pulls)):.2f} expected)"
        )


def draw(path: Path, data: Array, best: Fit) -> None:
    """Save the fit, the sensitivities, and the error of finite differences."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    colours = ("#0072B2", "#D55E00", "#009E73")  # Okabe-Ito: told apart by the colour-blind
    labels = (r"$\epsilon_{QB}$", r"$v_L$", r"$v_R$")
    exact = current_and_jacobian(best.parameters)[1]
    differenced = forward_differences(best.parameters)
    figure, (curve, sensitivity, error) = plt.subplots(
        1, 3, figsize=(12, 3.8), layout="constrained"
    )
    scale = NOISE * np.abs(data).max()
    curve.errorbar(BIAS, data, scale, fmt="o", ms=3, color="0.4", lw=1, label="data")
    curve.plot(BIAS, current(best.parameters), color=colours[0], label="fit")
    curve.plot(BIAS, current(START), ":", color="0.2", label="start")
    curve.set(ylabel=r"charge current $I_Q$ (energy)", title="fit")
    curve.legend(frameon=False)
    for k, (colour, label) in enumerate(zip(colours, labels, strict=True)):
        style = {"color": colour, "label": rf"$\partial I_Q / \partial$ {label}"}
        sensitivity.plot(BIAS, exact[:, k], ("-", "--", "-.")[k], **style)
        gap = np.abs(differenced[:, k] - exact[:, k])
        error.semilogy(BIAS, gap, ("-", "--", "-.")[k], **style)
    sensitivity.set(ylabel="derivative", title="sensitivity (qbnum.gradients)")
    sensitivity.legend(frameon=False)
    error.set(ylabel="absolute error", title="forward differences")
    for axes in (curve, sensitivity, error):
        axes.set_xlabel(r"bias $\mu_L - \mu_{eq}$ (energy)")
    figure.savefig(path, dpi=150)
    print(f"\nwrote {path}")


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="save the picture (.png, .pdf, .svg)")
    parser.add_argument("--repeats", type=int, default=8, help="noisy curves for the errors")
    given = parser.parse_args()
    clean = current(TRUTH)
    data = noisy(clean, seed=1)
    fits = {"analytic Jacobian": fit(data, True), "finite differences": fit(data, False)}
    repeats = [fit(noisy(clean, seed), True) for seed in range(2, 2 + given.repeats)]
    report(fits, np.array([(f.parameters - TRUTH) / f.errors for f in repeats]))
    if given.output:
        draw(given.output, data, fits["analytic Jacobian"])


if __name__ == "__main__":
    main()
