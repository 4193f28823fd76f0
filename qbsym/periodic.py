"""Equal leads as periodic functions of k: integrands for a quadrature of another kind.

With omega = onsite - 2h cos k, 0 < k < pi, and G^r = z/P(z), z = exp(i k), the integrands of Eqs.
(7)-(13) times d omega/dk have no square root left, and f_NE weighs the leads by v_a^2 alone.
Those with A are even in k (sin^2 k): the trapezoidal rule over [0, pi] converges geometrically.
Those with tau are odd (sin^3 k): the same nodes with Fejer's weights do.
May import: sympy, qbsym.symbols, .greens, .observables, .poles, .callables.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, I, Integer, Poly, cancel, cos, exp, expand, factor, im

from qbsym import greens, poles
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.callables import CompiledFunction, lambdify
from qbsym.observables import INTEGRALS, observable

__all__ = ["PARITY", "periodic_integrand", "periodic_integrands"]

PARITY = {
    name: "odd" if s.tau in observable(name).integrand.free_symbols else "even"
    for name in INTEGRALS
}
"""Whether an integrand is an even or an odd function of k (with the d omega/dk in it)."""


@cache
def denominator() -> Expr:
    """Return |P(exp(i k))|^2, the inverse of |G^r|^2, as a polynomial in cos k."""
    polynomial = poles.pole_polynomial()
    product = expand(polynomial * poles.conjugate_on_axis(polynomial))
    # A palindromic Laurent polynomial: c_n (z^n + z^-n) = 2 c_n cos(n k).
    harmonics = (Integer(1), 2 * cos(s.k), 4 * cos(s.k) ** 2 - 2)
    total = sum((product.coeff(s.z, n) * c for n, c in enumerate(harmonics)), start=Integer(0))
    terms = Poly(expand(total), cos(s.k)).terms()
    return sum((factor(c) * cos(s.k) ** n for (n,), c in terms), start=Integer(0))


def energy() -> Expr:
    """Return omega = onsite - 2h cos k."""
    return poles.dispersion().subs(s.z, exp(I * s.k)).rewrite(cos).expand()


@cache
def pieces() -> dict[Expr, Expr]:
    """Return Gamma_L, Gamma_R, A and tau of equal leads as functions of k."""
    surface = poles.surface_green_in_z().subs(s.z, exp(I * s.k))
    imaginary = im(surface.expand(complex=True))
    gammas = [-2 * v**2 * imaginary for v in (s.coupling_L, s.coupling_R)]
    # A = Gamma |G|^2/2pi and tau = Gamma_L Gamma_R |G|^2, with 1/|G|^2 for F^2 + Gamma^2/4.
    inverse_square = s.F**2 + s.Gamma**2 / 4
    total = factor(sum(gammas))
    spectral = cancel(greens.spectral_form() * inverse_square) / denominator()
    transmitted = cancel(greens.transmission_form() * inverse_square) / denominator()
    return {
        s.Gamma_L: gammas[0],
        s.Gamma_R: gammas[1],
        s.A: spectral.subs(s.Gamma, total),
        s.tau: transmitted.subs({s.Gamma_L: gammas[0], s.Gamma_R: gammas[1]}),
    }


@takes_names
@cache
def periodic_integrand(name: str) -> Expr:
    """Return an integrand of `INTEGRALS` times d omega/dk for equal leads.

    In `symbols.k` and the thirteen parameters; the common onsite and hopping are the left lead's.
    The value is the observable's prefactor times its integral over 0 < k < pi.
    """
    known = pieces()
    weights = {g: known[g] for g in (s.Gamma_L, s.Gamma_R)}
    occupied = cancel(greens.occupation_form().subs(weights))
    values = {
        **known,
        s.f: occupied,
        s.f_bar: occupied.subs({s.f_L: s.f_L_bar, s.f_R: s.f_R_bar}),
    }
    in_k = observable(name).integrand.subs(values, simultaneous=True) * energy().diff(s.k)
    reservoirs = {
        s.f_L: greens.fermi("L"),
        s.f_R: greens.fermi("R"),
        s.f_L_bar: greens.fermi("L", holes=True),
        s.f_R_bar: greens.fermi("R", holes=True),
        s.f_eq: greens.fermi("eq"),
        s.f_eq_bar: greens.fermi("eq", holes=True),
        s.x_L: greens.exponent("L"),
        s.x_R: greens.exponent("R"),
        s.x_eq: greens.exponent("eq"),
    }
    in_k = in_k.subs(reservoirs, simultaneous=True).subs(s.omega, energy())
    return in_k.subs({s.onsite: s.onsite_L, s.hopping: s.hopping_L})


@takes_names
@cache
def periodic_integrands(backend: str = "numpy") -> CompiledFunction:
    """Return one callable of (k, *13 parameters) for all `INTEGRALS`, in their order.

    Parameters
    ----------
    backend : "numpy", "mpmath" or "gmpy2"
        As in `lambdify`.

    Notes
    -----
    For equal bands only (left.onsite = right.onsite, left.hopping = right.hopping; couplings may
    differ): the right lead's onsite and hopping are ignored. Integrate over 0 < k < pi:
    ``PARITY[name]`` "even" by the trapezoidal rule (geometric convergence), "odd" by Fejer's.
    """
    expressions = [periodic_integrand(name) for name in INTEGRALS]
    return lambdify(expressions, (s.k, *s.PARAMETERS), backend, variables=1)
