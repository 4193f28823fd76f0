"""Derivations of the Green functions: Eqs. (4)-(6) and the text around them.

May import: sympy, qbsym.symbols, .greens, .poles, .printed, .proofs.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Expr,
    I,
    Limit,
    Rational,
    Symbol,
    conjugate,
    cos,
    cosh,
    exp,
    expand,
    im,
    limit,
    oo,
    pi,
    re,
    sin,
    sqrt,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym.printed import printed_self_energy
from qbsym.proofs import Derivation, Step, fact, identity, nonnegative

__all__ = ["DERIVATIONS"]

_SQUARED_RATIO = s.coupling**2 / s.hopping**2


def lead_self_energy(region: str = "inside") -> Expr:
    """Return one lead's Sigma^r in x, h and v."""
    return s.coupling**2 * greens.surface_green(region)


def _surface() -> tuple[Step, ...]:
    zeta = Symbol("zeta")
    rho = Symbol("rho", positive=True)
    phi = Symbol("phi", real=True)
    g = Symbol("g")
    h, x = s.hopping, s.x
    of_zeta = h * (zeta + 1 / zeta)
    first, second = zeta / h, 1 / (h * zeta)
    retarded = greens.surface_green("inside")
    (advanced,) = (root for root in greens.surface_roots("inside") if root != retarded)
    polar = h * (rho * exp(I * phi) + exp(-I * phi) / rho)
    imaginary_x = im(expand(polar, complex=True))
    above, below = greens.surface_green("above"), greens.surface_green("below")
    margin = Symbol("delta", positive=True)
    return (
        identity(
            "Without its first site the chain is the same chain: g = 1/(x - h^2 g), a quadratic.",
            greens.recursion_polynomial(),
            h**2 * g**2 - x * g + 1,
        ),
        *(
            identity(
                f"With x = h (zeta + 1/zeta) the root {name} solves it.",
                greens.recursion_polynomial().subs({x: of_zeta, g: root}),
                0,
            )
            for name, root in (("zeta/h", first), ("1/(h zeta)", second))
        ),
        identity("The two h g are each other's inverses: one decays.", h * first * h * second, 1),
        identity(
            "With zeta = rho exp(i phi), rho < 1 and g = zeta/h: Im g = -rho^2 Im x/(h^2 (1 - "
            "rho^2)), so Im g <= 0 in the upper half plane.",
            rho * sin(phi) / h,
            -(rho**2) * imaginary_x / (h**2 * (1 - rho**2)),
        ),
        identity(
            "dx/dzeta = h (zeta^2 - 1)/zeta^2 has no zero for 0 < abs(zeta) < 1: zeta, and with it "
            "g, is analytic in x off the band.",
            of_zeta.diff(zeta),
            h * (zeta - 1) * (zeta + 1) / zeta**2,
        ),
        identity("x g = 1 + zeta^2: g decays like 1/x.", of_zeta * first, 1 + zeta**2),
        fact(
            "x g -> 1 for x -> +oo and -oo on the real axis too.",
            Eq(Limit(x * above, x, oo), 1, evaluate=False),
            lambda: limit(x * above, x, oo) == 1 and limit(x * below, x, -oo) == 1,
        ),
        fact(
            "Inside the band the chosen root decays when x gains a positive imaginary part, the "
            "other one grows.",
            greens.decay_rate(retarded) < 0,
            lambda: (
                greens.decay_rate(retarded).is_negative and greens.decay_rate(advanced).is_positive
            ),
        ),
        nonnegative(
            "-Im g >= 0 inside the band: a density of states.",
            -greens.split(retarded)[1]
            .subs(x, 2 * h - margin)
            .subs(sqrt(margin * (4 * h - margin)), Symbol("positive_root", nonnegative=True)),
        ),
        identity(
            "It is continuous at the upper band edge.",
            above.subs(x, 2 * h),
            retarded.subs(x, 2 * h),
        ),
        identity(
            "It is continuous at the lower band edge.",
            below.subs(x, -2 * h),
            retarded.subs(x, -2 * h),
        ),
        *(
            identity(
                f"The form {name} the band solves the recursion.",
                greens.recursion_polynomial().subs(g, greens.surface_green(name)),
                0,
            )
            for name in greens.REGIONS
        ),
    )


def _dispersion() -> tuple[Step, ...]:
    n = Symbol("n", integer=True)
    wave = exp(I * s.k * n)
    applied = s.onsite * wave - s.hopping * (wave.subs(n, n + 1) + wave.subs(n, n - 1))
    band = s.onsite - 2 * s.hopping * cos(s.k)
    return (
        identity(
            "Eq. (4) applied to exp(i k n) in a lead gives omega = onsite - 2h cos k.",
            applied / wave,
            band,
        ),
        fact(
            "The level's energy does not enter it: the band does not follow the level.",
            Eq(band.diff(s.level), 0, evaluate=False),
            lambda: band.diff(s.level) == 0 and (applied / wave).diff(s.level) == 0,
        ),
    )


def in_k(expression: Expr) -> Expr:
    """Return a function of x inside the band in k, 0 < k < pi: x = -2h cos k."""
    root = sqrt((2 * s.hopping - s.x) * (2 * s.hopping + s.x))
    return expression.subs(root, 2 * s.hopping * sin(s.k)).subs(s.x, -2 * s.hopping * cos(s.k))


def _self_energy() -> tuple[Step, ...]:
    h, v, k, x = s.hopping, s.coupling, s.k, s.x
    sigma = lead_self_energy()
    printed = v**2 * exp(-I * k) / h
    outside = lead_self_energy("above")
    u = Symbol("u", positive=True)
    at_infinity = lambda e: limit((e.subs(x, 1 / u)), u, 0, "+")  # noqa: E731
    printed_outside = printed_self_energy("L", "above").subs(
        {s.omega: x + s.onsite_L, s.hopping_L: h, s.coupling_L: v}
    )
    return (
        identity(
            "sqrt(4h^2 - x^2) = 2h sin k for x = -2h cos k, 0 < k < pi (the root is >= 0 there).",
            4 * h**2 - (2 * h * cos(k)) ** 2,
            (2 * h * sin(k)) ** 2,
        ),
        identity("Sigma^r = -v^2 exp(i k)/h.", in_k(sigma), -(v**2) * exp(I * k) / h),
        identity("Re Sigma^r = -v^2 cos(k)/h.", in_k(greens.split(sigma)[0]), -(v**2) * cos(k) / h),
        identity("Im Sigma^r = -v^2 sin(k)/h.", in_k(greens.split(sigma)[1]), -(v**2) * sin(k) / h),
        identity(
            "The printed v^2 exp(-i k)/h has the same imaginary part,",
            im(expand(printed, complex=True)),
            in_k(greens.split(sigma)[1]),
        ),
        identity(
            "but the opposite real part.",
            re(expand(printed, complex=True)),
            -in_k(greens.split(sigma)[0]),
        ),
        identity(
            "The difference is linear: Sigma_printed = Sigma^r - (v/h)^2 x.",
            printed,
            in_k(sigma - _SQUARED_RATIO * x),
        ),
        fact(
            "Sigma^r decays at infinity, x Sigma^r -> v^2;",
            Eq(Limit(x * outside, x, oo), v**2, evaluate=False),
            lambda: at_infinity(x * outside) == v**2,
        ),
        fact(
            "Sigma_printed/x -> -(v/h)^2 does not: it cannot be the transform of its own imaginary "
            "part, a function of bounded support.",
            Eq(Limit(printed_outside / x, x, oo), -_SQUARED_RATIO, evaluate=False),
            lambda: (at_infinity(printed_outside / x) + _SQUARED_RATIO).expand() == 0,
        ),
        *(
            identity(
                f"Outside the band ({region}), x = +-2h cosh(kappa): Sigma^r = +-v^2 "
                "exp(-kappa)/h, real.",
                _on_axis_outside(lead_self_energy(region), sign),
                sign * v**2 * exp(-s.kappa) / h,
            )
            for region, sign in (("above", 1), ("below", -1))
        ),
    )


def _on_axis_outside(expression: Expr, sign: int) -> Expr:
    """Return a function of x outside the band in kappa > 0: x = +-2h cosh(kappa)."""
    h, kappa = s.hopping, s.kappa
    root = h * (exp(kappa) - exp(-kappa))
    flat = expression.replace(lambda e: e.is_Pow and e.exp == Rational(1, 2), lambda e: root)
    return flat.subs(s.x, sign * 2 * h * cosh(kappa).rewrite(exp))


def _broadening() -> tuple[Step, ...]:
    h, v, x = s.hopping, s.coupling, s.x
    sigma = lead_self_energy()
    gamma = -2 * greens.split(sigma)[1]
    return (
        identity("Gamma = i (Sigma^r - Sigma^a).", I * (sigma - sigma.subs(I, -I)), gamma),
        identity(
            "Gamma^2 = (v/h)^4 (4h^2 - x^2) inside the band.",
            gamma**2,
            (v / h) ** 4 * (4 * h**2 - x**2),
        ),
        fact(
            "Gamma = 0 outside the band.",
            Eq(greens.broadening("L", "above"), 0, evaluate=False),
            lambda: all(greens.broadening(a, r) == 0 for a in "LR" for r in ("above", "below")),
        ),
    )


def _spectral() -> tuple[Step, ...]:
    green = 1 / (s.F + I * s.Gamma / 2)
    squared = expand(green * conjugate(green), complex=True)
    return (
        identity(
            "A = -Im G^r/pi with 1/G^r = F + i Gamma/2.",
            greens.spectral_form(),
            s.Gamma / (2 * pi) / (s.F**2 + s.Gamma**2 / 4),
        ),
        identity(
            "Optical identity: A = Gamma |G^r|^2/(2 pi).",
            greens.spectral_form(),
            s.Gamma * squared / (2 * pi),
        ),
        nonnegative("A > 0 where a lead is open.", greens.spectral_form(), strict=True),
    )


def _transmission() -> tuple[Step, ...]:
    gamma_L, gamma_R, F = s.Gamma_L, s.Gamma_R, s.F
    total = gamma_L + gamma_R
    tau = greens.transmission_form().subs(s.Gamma, total)
    reflected = (F**2 + (gamma_L - gamma_R) ** 2 / 4) / (F**2 + total**2 / 4)
    positive = {gamma_L: Symbol("a", positive=True), gamma_R: Symbol("b", positive=True)}
    return (
        identity(
            "tau = Gamma_L Gamma_R |G^r|^2 = Gamma_L Gamma_R/(F^2 + Gamma^2/4).",
            tau,
            gamma_L * gamma_R / (F**2 + total**2 / 4),
        ),
        identity(
            "1 - tau = (F^2 + (Gamma_L - Gamma_R)^2/4)/(F^2 + Gamma^2/4).", 1 - tau, reflected
        ),
        nonnegative("tau >= 0.", tau.subs(positive)),
        nonnegative("1 - tau >= 0, a sum of squares over one.", reflected.subs(positive)),
        identity(
            "tau = 2 pi A Gamma_L Gamma_R/Gamma.",
            tau,
            2 * pi * greens.spectral_form().subs(s.Gamma, total) * gamma_L * gamma_R / total,
        ),
    )


DERIVATIONS = (
    Derivation(
        "surface_green_function",
        "The surface Green function of a semi-infinite chain is the decaying root of "
        "g = 1/(x - h^2 g): analytic in the upper half plane, Im g <= 0, g ~ 1/x.",
        ("h > 0",),
        "(4), (6)",
        _surface,
    ),
    Derivation(
        "dispersion",
        "omega = onsite_a - 2h_a cos k; the paper prints eps_QB for onsite_a.",
        ("a semi-infinite chain, Eq. (4)",),
        "after (6)",
        _dispersion,
    ),
    Derivation(
        "self_energy",
        "Sigma^r = -v^2 exp(i k)/h, with omega = onsite - 2h cos k and 0 < k < pi; the printed "
        "v^2 exp(-i k)/h has the wrong sign of Re Sigma.",
        ("h > 0", "v >= 0"),
        "after (6)",
        _self_energy,
    ),
    Derivation(
        "broadening",
        "Gamma = -2 Im Sigma^r = (v/h)^2 sqrt(4h^2 - x^2) inside the band, zero outside.",
        ("h > 0", "v >= 0"),
        "after (6)",
        _broadening,
    ),
    Derivation(
        "spectral_function",
        "A = -Im G^r/pi = Gamma |G^r|^2/(2 pi) >= 0.",
        ("omega in at least one band",),
        "before (10)",
        _spectral,
    ),
    Derivation(
        "transmission_bound",
        "tau = Gamma_L Gamma_R |G^r|^2 lies between 0 and 1.",
        ("omega in both bands",),
        "(6)",
        _transmission,
    ),
)
