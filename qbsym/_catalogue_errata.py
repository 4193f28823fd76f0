"""Derivations behind the errata of Eqs. (4)-(6) and of the text about A and tau.

The exact mapping of the printed self-energy, the printed chain, the peak, the symmetry of A.
May import: sympy, qbsym.symbols, .greens, .poles, .printed, .proofs.
"""

from __future__ import annotations

from sympy import Eq, Expr, Rational, Symbol, diff, log, sqrt

from qbsym import greens, poles, printed
from qbsym import symbols as s
from qbsym.proofs import Derivation, Step, fact, identity, is_zero, nonnegative

__all__ = ["DERIVATIONS"]


def _mapping() -> tuple[Step, ...]:
    scale = Symbol("c", positive=True)
    total = 1 + printed.coupling_ratio()
    mapped = printed.mapped_junction()
    of_mapped = lambda e: e.subs(mapped, simultaneous=True)  # noqa: E731
    ratios = {a: p.coupling**2 / p.hopping**2 for a, p in s.LEADS.items()}
    image = of_mapped(printed.coupling_ratio())
    pull = sum(of_mapped(ratios[a]) * p.onsite for a, p in s.LEADS.items())
    equal = {s.hopping_L: s.hopping, s.hopping_R: s.hopping, **_one_band()}
    threshold = 2 * s.hopping - poles.COUPLING_SQUARED / s.hopping
    forms = {
        "A": greens.spectral_form(),
        "tau": greens.transmission_form(),
    }
    scaled = {
        s.F: scale * s.F,
        s.Gamma: scale * s.Gamma,
        s.Gamma_L: scale * s.Gamma_L,
        s.Gamma_R: scale * s.Gamma_R,
    }
    regions = [(a, b) for a in greens.REGIONS for b in greens.REGIONS]
    return (
        *(
            identity(
                f"Sigma_{lead} of the mapped junction is Sigma_{lead}/(1 + s), "
                "s = sum_a s_a, s_a = (v_a/h_a)^2.",
                of_mapped(greens.self_energy(lead)),
                greens.self_energy(lead) / total,
            )
            for lead in s.LEADS
        ),
        *(
            identity(
                f"1/G_printed = (1 + s)/G': leads {left}, {right} (their bands).",
                s.omega
                - s.level
                - printed.printed_self_energy("L", left)
                - printed.printed_self_energy("R", right),
                total / of_mapped(greens.green_retarded(left, right)),
            )
            for left, right in regions
        ),
        identity(
            "So with c = 1 + s: 1/G -> c/G scales F and every Gamma by c. A -> A/c,",
            forms["A"].subs(scaled, simultaneous=True),
            forms["A"] / scale,
        ),
        identity("tau stays,", forms["tau"].subs(scaled, simultaneous=True), forms["tau"]),
        identity(
            "and f_NE stays.",
            greens.occupation_form().subs(scaled, simultaneous=True),
            greens.occupation_form(),
        ),
        identity(
            "Inverse: the image has s' = s/(1 + s),",
            image,
            printed.coupling_ratio() / total,
        ),
        nonnegative(
            "which is below 1: every printed junction has an image, and the images are the "
            "junctions with s' < 1.",
            (1 - Symbol("s", nonnegative=True) / (1 + Symbol("s", nonnegative=True))).together(),
            strict=True,
        ),
        *(
            identity(
                f"v_{lead}^2 = v_{lead}'^2/(1 - s').",
                p.coupling**2,
                of_mapped(p.coupling) ** 2 / (1 - image),
            )
            for lead, p in s.LEADS.items()
        ),
        identity(
            "level = (level' - sum_a s_a' onsite_a)/(1 - s').",
            s.level,
            (of_mapped(s.level) - pull) / (1 - image),
        ),
        identity(
            "With the printed dispersion too (onsite_a = level) the level stays.",
            of_mapped(s.level).subs({s.onsite_L: s.level, s.onsite_R: s.level}),
            s.level,
        ),
        identity(
            "Equal bands: the image binds a state where level' - onsite > 2h - V'/h, the printed "
            "form therefore where level - onsite > 2h + V/h, V = v_L^2 + v_R^2, not 2h - V/h.",
            of_mapped(threshold).subs(equal) * total.subs(equal),
            2 * s.hopping + poles.COUPLING_SQUARED / s.hopping,
        ),
    )


def _one_band() -> dict[Symbol, Expr]:
    return {s.onsite_L: s.onsite, s.onsite_R: s.onsite}


def _boundary() -> tuple[Step, ...]:
    h, x = s.hopping, s.x
    right, literal = greens.surface_green(), printed.printed_surface_green()
    on_band_centre = literal.subs(s.omega, x)
    broadened = -2 * s.coupling**2 * greens.split(right)[1]
    return (
        identity(
            "1/g = x - h^2 g for the chain from k = 0 on (hopping from k = 1 on).",
            right * (x - h**2 * right),
            1,
        ),
        identity(
            "With the term k = 0 the site k = -1, of energy 0 (Eq. (4) gives it none), hangs on "
            "site 0: 1/g_printed = 1/g - h^2/omega.",
            literal * (1 / right - h**2 / s.omega),
            1,
        ),
        identity(
            "For onsite = 0, omega = x: g_printed = x (x g - 1)/h^2, the second site of a chain,",
            on_band_centre,
            x * (x * right - 1) / h**2,
        ),
        identity(
            "and Gamma_printed = (x/h)^2 Gamma: zero at the band centre, four times Gamma at the "
            "edges.",
            -2 * s.coupling**2 * greens.split((x * (x * right - 1) / h**2).expand())[1],
            (x / h) ** 2 * broadened,
        ),
        fact(
            "That is neither the printed Sigma nor the right one: Gamma differs.",
            Eq(s.Gamma, (x / h) ** 2 * s.Gamma, evaluate=False),
            lambda: not is_zero(((x / h) ** 2 - 1) * broadened),
        ),
    )


def _peak() -> tuple[Step, ...]:
    h, x, lev = s.hopping, s.x, Symbol("epsilon", real=True)
    v2 = Symbol("V", positive=True)
    slope = 1 - v2 / (2 * h**2)
    at = {s.omega: s.onsite + x, s.level: s.onsite + lev, **_equal_hoppings(), **_one_band()}
    in_v2 = {s.coupling_L: sqrt(v2 - s.coupling_R**2)}
    real, gamma = (e.subs(at).subs(in_v2) for e in greens.inverse_green())
    printed_real = (
        s.omega - s.level - sum(greens.split(printed.printed_self_energy(a))[0] for a in "LR")
    )
    two_gamma = 4 * s.Gamma_L * s.Gamma_R / s.Gamma**2
    lorentzian = s.Gamma**2 / (4 * s.F**2 + s.Gamma**2)
    width = (v2 / h**2) * sqrt((2 * h - x) * (2 * h + x))
    log_A = log(width) - log(real**2 + width**2 / 4)
    top = lev / slope
    return (
        identity(
            "Equal bands, x = omega - onsite, V = v_L^2 + v_R^2: F = (1 - V/(2h^2)) x - (level - "
            "onsite),",
            real,
            slope * x - lev,
        ),
        identity("Gamma = (V/h^2) sqrt(4h^2 - x^2).", gamma, width),
        identity(
            "tau is its top times a Lorentzian in F: the top, 4 Gamma_L Gamma_R/Gamma^2, is "
            "reached at F = 0,",
            greens.transmission_form(),
            two_gamma * lorentzian,
        ),
        identity("that is at x = (level - onsite)/(1 - V/(2h^2)).", real.subs(x, top), 0),
        identity(
            "The printed Sigma puts it at (level - onsite)/(1 + V/(2h^2)).",
            printed_real.subs(at).subs(in_v2).subs(x, lev / (1 + v2 / (2 * h**2))),
            0,
        ),
        identity(
            "Half of the top is reached at F = +-Gamma/2: the full width in F is Gamma_L + "
            "Gamma_R, of which (Gamma_L + Gamma_R)/2 is the half.",
            lorentzian.subs(s.F, s.Gamma / 2),
            Rational(1, 2),
        ),
        identity(
            "Where tau peaks A still rises away from the band centre: (ln A)' = x/(4h^2 - x^2).",
            diff(log_A, x).subs(lev, slope * x),
            x / (4 * h**2 - x**2),
        ),
    )


def _equal_hoppings() -> dict[Symbol, Expr]:
    return {s.hopping_L: s.hopping, s.hopping_R: s.hopping}


def _reflection() -> tuple[Step, ...]:
    density = greens.spectral_function().subs(_one_band())
    reflected = {s.omega: 2 * s.onsite - s.omega}
    v2 = printed.coupling_ratio()
    real, gamma = greens.inverse_green()
    real, gamma = real.subs(_one_band()), gamma.subs(_one_band())
    mirrored = real.subs(reflected)
    return (
        identity(
            "Bands centred at one energy c: A(2c - omega; 2c - level) = A(omega; level).",
            density.subs({**reflected, s.level: 2 * s.onsite - s.level}, simultaneous=True),
            density,
        ),
        identity("Gamma(2c - omega) = Gamma(omega),", gamma.subs(reflected), gamma),
        identity(
            "F(2c - omega)^2 - F(omega)^2 = 4 (omega - c)(level - c)(1 - sum_a v_a^2/(2h_a^2)):",
            mirrored**2 - real**2,
            4 * (s.omega - s.onsite) * (s.level - s.onsite) * (1 - v2 / 2),
        ),
        fact(
            "with level = c the peak is symmetric, A(2c - omega) = A(omega),",
            Eq(s.level, s.onsite, evaluate=False),
            lambda: is_zero((mirrored**2 - real**2).subs(s.level, s.onsite)),
        ),
        fact(
            "with any other level it is not.",
            Eq(mirrored**2 - real**2, 0, evaluate=False),
            lambda: not is_zero(mirrored**2 - real**2),
        ),
    )


DERIVATIONS = (
    Derivation(
        "printed_self_energy_mapping",
        "The printed Sigma is that of another correct junction: level' = (level + sum_a s_a "
        "onsite_a)/(1 + s), v_a' = v_a/sqrt(1 + s), s_a = (v_a/h_a)^2, s = sum_a s_a; tau is "
        "unchanged, A is A'/(1 + s), f_NE is unchanged.",
        ("v_a >= 0; bands may differ",),
        "after (6)",
        _mapping,
    ),
    Derivation(
        "chain_boundary",
        "Read literally, the sum over k from 0 in Eq. (4) couples the level to the second site of "
        "each chain: Gamma becomes (x/h)^2 Gamma for onsite = 0.",
        ("omega inside the band",),
        "(4)",
        _boundary,
    ),
    Derivation(
        "peak",
        "For equal bands tau peaks at onsite + (level - onsite)/(1 - (v_L^2 + v_R^2)/(2h^2)); its "
        "full width in F is Gamma_L + Gamma_R.",
        ("equal bands", "omega inside the band"),
        "Sec. IV A",
        _peak,
    ),
    Derivation(
        "spectral_reflection",
        "A(2c - omega; 2c - level) = A(omega; level) about the common band centre c; at a fixed "
        "level A is symmetric only for level = c.",
        ("onsite_L = onsite_R = c",),
        "Sec. IV",
        _reflection,
    ),
)
