"""Every symbol of the model, with its assumptions: the one place where they are declared.

Eqs. (4)-(13) of the paper. The thirteen parameters come in the order of `PARAMETERS`; abstract
symbols (A, tau, f, ...) stand for functions of omega in the integrands of `qbsym.observables`.
May import: sympy.
"""
# ruff: noqa: N816 - the field's symbols keep their case

from __future__ import annotations

from dataclasses import dataclass

from sympy import Symbol

__all__ = ["LEADS", "PARAMETERS", "PARAMETER_NAMES", "LeadSymbols"]

omega = Symbol("omega", real=True)
k = Symbol("k", real=True)
"""Wave number, 0 < k < pi inside a band: omega = onsite - 2 hopping cos(k)."""
z = Symbol("z")
"""exp(i k) for equal leads; abs(z) < 1 is the upper half plane of omega."""

level = Symbol("varepsilon_QB", real=True)
onsite_L = Symbol("varepsilon_L", real=True)
hopping_L = Symbol("h_L", positive=True)
coupling_L = Symbol("v_L", nonnegative=True)
mu_L = Symbol("mu_L", real=True)
temperature_L = Symbol("T_L", positive=True)
onsite_R = Symbol("varepsilon_R", real=True)
hopping_R = Symbol("h_R", positive=True)
coupling_R = Symbol("v_R", nonnegative=True)
mu_R = Symbol("mu_R", real=True)
temperature_R = Symbol("T_R", positive=True)
mu_eq = Symbol("mu_eq", real=True)
temperature_eq = Symbol("T_eq", positive=True)


@dataclass(frozen=True)
class LeadSymbols:
    """The five parameters of one lead."""

    onsite: Symbol
    hopping: Symbol
    coupling: Symbol
    mu: Symbol
    temperature: Symbol


LEADS = {
    "L": LeadSymbols(onsite_L, hopping_L, coupling_L, mu_L, temperature_L),
    "R": LeadSymbols(onsite_R, hopping_R, coupling_R, mu_R, temperature_R),
}

PARAMETERS = (
    level,
    onsite_L,
    hopping_L,
    coupling_L,
    mu_L,
    temperature_L,
    onsite_R,
    hopping_R,
    coupling_R,
    mu_R,
    temperature_R,
    mu_eq,
    temperature_eq,
)

PARAMETER_NAMES = (
    "level",
    "left.onsite",
    "left.hopping",
    "left.coupling",
    "left.mu",
    "left.temperature",
    "right.onsite",
    "right.hopping",
    "right.coupling",
    "right.mu",
    "right.temperature",
    "mu_eq",
    "temperature_eq",
)

# One generic chain, for derivations that hold for either lead.
x = Symbol("x", real=True)
"""Energy measured from the band centre."""
hopping = Symbol("h", positive=True)
coupling = Symbol("v", nonnegative=True)
onsite = Symbol("varepsilon", real=True)
mu = Symbol("mu", real=True)
temperature = Symbol("T", positive=True)
w = Symbol("w", positive=True)
"""A fermionic Matsubara frequency, (2n + 1) pi T."""
zeta = Symbol("zeta")
"""A complex energy, in the upper half plane."""
kappa = Symbol("kappa", positive=True)
"""Decay constant outside the band: x = +-2 hopping cosh(kappa)."""

# Functions of omega, as symbols.
A = Symbol("A", nonnegative=True)
tau = Symbol("tau", nonnegative=True)
Gamma_L = Symbol("Gamma_L", nonnegative=True)
Gamma_R = Symbol("Gamma_R", nonnegative=True)
Gamma = Symbol("Gamma", positive=True)
F = Symbol("F", real=True)
"""Real part of 1/G^r: omega - level - Re Sigma."""
f_L = Symbol("f_L", positive=True)
f_R = Symbol("f_R", positive=True)
f_L_bar = Symbol("fbar_L", positive=True)
f_R_bar = Symbol("fbar_R", positive=True)
f = Symbol("f", positive=True)
f_bar = Symbol("fbar", positive=True)
f_eq = Symbol("f_eq", positive=True)
f_eq_bar = Symbol("fbar_eq", positive=True)
x_L = Symbol("x_L", real=True)
x_R = Symbol("x_R", real=True)
x_eq = Symbol("x_eq", real=True)
"""Exponents (omega - mu)/T of the Fermi functions."""

# Values of observables, as symbols of the `definition` of a combination.
d = Symbol("d", positive=True)
d_bar = Symbol("dbar", positive=True)
d_eq = Symbol("d_eq", positive=True)
d_eq_bar = Symbol("dbar_eq", positive=True)
spectral_weight = Symbol("W", positive=True)
E = Symbol("E", real=True)
S = Symbol("S", nonnegative=True)
X = Symbol("X", nonnegative=True)
E_eq = Symbol("E_eq", real=True)
S_eq = Symbol("S_eq", nonnegative=True)
I_Q = Symbol("I_Q", real=True)
J_E = Symbol("J_E", real=True)
J_H_L = Symbol("J_H^L", real=True)
J_H_R = Symbol("J_H^R", real=True)
sigma = Symbol("sigma", nonnegative=True)
S_two = Symbol("S_2", nonnegative=True)
X_two = Symbol("X_2", nonnegative=True)
