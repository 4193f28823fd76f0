"""The fixed set of hard corners, each with the reason why it exists. May import: qbnum.

All stand on the paper's base values unless they say otherwise. Occupations of bound states are
arbitrary numbers inside (0, 1).
"""

from __future__ import annotations

from qbnum import Junction, Lead
from validation.cases.case import Case

__all__ = ["corner_cases"]

LEFT = {"onsite": 0.0, "hopping": 1.0, "coupling": 0.12, "mu": 0.6, "temperature": 0.1}
RIGHT = {"onsite": 0.0, "hopping": 1.0, "coupling": 0.12, "mu": 0.1, "temperature": 0.1}

ISOLATED_OCCUPATION = 0.3
"""What is given wherever a bound state's occupation is needed and one number will do."""


def _symmetric(
    slug: str,
    regime: str,
    reason: str,
    occupation: float | tuple[float, ...] | None = None,
    **parameters: float,
) -> Case:
    """Return a corner of the paper's protocol: equal leads, the right one at equilibrium."""
    given = {"level": 0.4, "bias": 0.5} | parameters
    return Case(slug, "corner", Junction.symmetric(**given), regime, (), reason, occupation)


def _unequal(
    slug: str,
    regime: str,
    reason: str,
    *,
    level: float = 0.4,
    left: dict[str, float] | None = None,
    right: dict[str, float] | None = None,
    mu_eq: float = 0.1,
    temperature_eq: float = 0.1,
    occupation: float | tuple[float, ...] | None = None,
) -> Case:
    """Return a corner whose two leads are given separately, over the base values."""
    junction = Junction(
        level=level,
        left=Lead(**(LEFT | (left or {}))),
        right=Lead(**(RIGHT | (right or {}))),
        mu_eq=mu_eq,
        temperature_eq=temperature_eq,
    )
    return Case(slug, "corner", junction, regime, (), reason, occupation)


def corner_cases() -> tuple[Case, ...]:
    """Return the hard corners, in a fixed order."""
    n = ISOLATED_OCCUPATION
    return (
        # Weak coupling: the resonance is narrower than any panel that does not know of it.
        _symmetric(
            "weak-1e-6",
            "weak",
            "A resonance of width 1e-12 that unsplit quadrature misses altogether.",
            coupling=1e-6,
        ),
        _symmetric(
            "weak-1e-8",
            "weak",
            "The width, 1e-16, is below the spacing of doubles at the level.",
            coupling=1e-8,
        ),
        _symmetric(
            "weak-cold",
            "weak",
            "A narrow resonance exactly on a sharp Fermi edge: both scales at one energy.",
            coupling=1e-4,
            level=0.6,
            temperature_eq=1e-6,
        ),
        _symmetric(
            "weak-gap",
            "weak",
            "Both gaps are small differences of numbers of order one.",
            coupling=1e-4,
            level=0.3,
        ),
        # Temperature.
        _symmetric(
            "cold-1e-5",
            "cold",
            "Fermi steps 1e-5 wide, and an exergy that grows as 1/T.",
            temperature_eq=1e-5,
        ),
        _symmetric(
            "cold-1e-8",
            "cold",
            "1 - f is lost to rounding unless it is its own exponential.",
            temperature_eq=1e-8,
        ),
        _symmetric(
            "cold-off-resonance",
            "cold",
            "Level far above both potentials: occupation from the resonance's tail only.",
            temperature_eq=1e-4,
            level=1.5,
            bias=0.2,
        ),
        _unequal(
            "cold-left-hot-right",
            "cold",
            "Two temperatures six decades apart in one integrand.",
            left={"temperature": 1e-5},
            right={"temperature": 50.0},
        ),
        _symmetric("hot-50", "hot", "Everything near one half: S near ln 2.", temperature_eq=50.0),
        _symmetric(
            "hot-1e6",
            "hot",
            "f - f_eq is of order bias/T: first-order cancellation everywhere.",
            temperature_eq=1e6,
        ),
        # Near equilibrium: X is of second order, I and J of first.
        _symmetric(
            "bias-1e-9",
            "near-equilibrium",
            "f_L - f_R loses nine digits to subtraction, the exergy eighteen.",
            bias=1e-9,
        ),
        _symmetric(
            "bias-1e-12",
            "near-equilibrium",
            "The exergy is 1e-24: nothing of it survives a subtraction.",
            bias=1e-12,
        ),
        _symmetric(
            "gradient-1e-9",
            "near-equilibrium",
            "A thermal difference of first order that changes sign at mu.",
            bias=0.0,
            temperature_gradient=1e-9,
        ),
        _symmetric(
            "gradient-1e-12",
            "near-equilibrium",
            "As above at the limit of what the field T_L can express.",
            bias=0.0,
            temperature_gradient=1e-12,
        ),
        _symmetric(
            "bias-against-gradient",
            "near-equilibrium",
            "Bias and gradient nearly cancel at the resonance.",
            bias=-3e-9,
            temperature_gradient=1e-9,
        ),
        _unequal(
            "bias-about-equilibrium",
            "near-equilibrium",
            "Symmetric bias: f - f_eq cancels to first order, the exergy is of fourth.",
            left={"mu": 0.1 + 1e-3},
            right={"mu": 0.1 - 1e-3},
        ),
        # Band edges.
        _symmetric("level-1.97", "band-edge", "The resonance leans on the upper edge.", level=1.97),
        _symmetric(
            "level-at-edge",
            "band-edge",
            "The level at the edge itself: A diverges as an inverse square root, almost.",
            level=2.0,
            occupation=n,
        ),
        _symmetric(
            "level-under-edge-weak",
            "band-edge",
            "A narrow resonance 1e-6 from the edge.",
            level=2.0 - 1e-6,
            coupling=1e-4,
            occupation=n,
        ),
        _symmetric(
            "bound-state-threshold",
            "band-edge",
            "level = 2 (h - v^2/h) exactly: the bound state is just not there.",
            level=1.5,
            coupling=0.5,
            occupation=n,
        ),
        _symmetric(
            "mu-at-edge",
            "band-edge",
            "The Fermi step of the driven lead sits on the edge.",
            bias=1.9,
            temperature_eq=1e-3,
        ),
        # Bound states.
        _symmetric(
            "level-2.3",
            "bound-state",
            "Level above the band: nearly all weight in the bound state.",
            level=2.3,
            occupation=n,
        ),
        _symmetric(
            "level-below-band",
            "bound-state",
            "Level below the band: the mirror image, with the other branch of the root.",
            level=-2.3,
            occupation=0.8,
        ),
        _symmetric(
            "strong-two-bound-states",
            "bound-state",
            "v > h: a bound state on either side of the band.",
            coupling=1.5,
            occupation=(0.9, 0.2),
        ),
        _symmetric(
            "strong-uniform-chain",
            "strong",
            "v = h, level = onsite: the level is a site of one uniform chain.",
            coupling=1.0,
            level=0.0,
        ),
        _symmetric(
            "semicircle",
            "strong",
            "v = h/sqrt(2): the quadratic for the poles loses its leading term.",
            coupling=0.7071067811865476,
            level=0.1,
            occupation=n,
        ),
        # Unequal leads.
        _unequal(
            "unequal-couplings",
            "unequal",
            "f is not the mean of f_L and f_R.",
            left={"coupling": 0.3},
        ),
        _unequal(
            "unequal-hoppings",
            "nested",
            "One band twice as wide: a closed lead in the wings.",
            right={"hopping": 2.0},
        ),
        _unequal(
            "three-equilibria",
            "unequal",
            "Three different potentials and temperatures: f_eq is neither lead's.",
            left={"mu": 0.5, "temperature": 0.3},
            right={"mu": -0.2, "temperature": 0.05},
        ),
        _unequal(
            "very-unequal-couplings",
            "unequal",
            "A lead coupled by 1e-6 that alone is open in part of the spectrum.",
            left={"coupling": 1e-6, "hopping": 1.5},
            right={"coupling": 0.5},
            occupation=n,
        ),
        # Bands that do not coincide.
        _unequal(
            "nested-narrow",
            "nested",
            "A band of width 0.04 inside the other, on the resonance.",
            left={"onsite": 0.4, "hopping": 0.01},
            occupation=n,
        ),
        _unequal(
            "overlapping-bands",
            "overlapping",
            "Transport only where the bands overlap; the level lies there.",
            level=1.0,
            left={"onsite": 0.0},
            right={"onsite": 2.0},
            occupation=n,
        ),
        _unequal(
            "overlapping-sliver",
            "overlapping",
            "The bands share 1e-6 of their width.",
            level=1.5,
            left={"onsite": 0.0},
            right={"onsite": 3.999999},
            occupation=n,
        ),
        _unequal(
            "touching-bands",
            "touching",
            "A common edge: the two square roots vanish at the same energy.",
            level=1.9,
            right={"onsite": 4.0},
            occupation=n,
        ),
        _unequal(
            "disjoint-level-in-band",
            "disjoint",
            "No energy is open to both leads: currents are exactly zero.",
            right={"onsite": 5.0},
            occupation=n,
        ),
        _unequal(
            "disjoint-level-in-gap",
            "disjoint",
            "A bound state in the gap between the bands.",
            level=2.5,
            left={"coupling": 0.3},
            right={"onsite": 5.0, "coupling": 0.3},
            occupation=n,
        ),
        _unequal(
            "disjoint-narrow-gap",
            "disjoint",
            "A gap of 1e-6 between the bands, the level below it.",
            level=1.0,
            left={"coupling": 0.4},
            right={"onsite": 4.000001, "coupling": 0.4},
            occupation=n,
        ),
        # Chemical potentials outside the band.
        _symmetric(
            "mu-above-band",
            "outside-band",
            "The driven lead is full; 1 - f is a pure tail.",
            bias=2.9,
        ),
        _symmetric(
            "mu-below-band",
            "outside-band",
            "All potentials below the band: f is a pure tail.",
            mu_eq=-3.0,
        ),
        _symmetric(
            "reservoirs-200T-outside",
            "outside-band",
            "f of order e^-200: nothing may be formed as 1 - (1 - f).",
            mu_eq=-2.0 - 20.5,
            bias=0.5,
        ),
        _unequal(
            "equilibrium-far-away",
            "outside-band",
            "The exergy is measured against an equilibrium far below the band.",
            mu_eq=-12.0,
        ),
        _symmetric(
            "bias-over-the-whole-band",
            "outside-band",
            "One lead full, the other empty: the largest possible current.",
            mu_eq=-5.0,
            bias=10.0,
        ),
        # Scales.
        _symmetric(
            "scale-1e-12",
            "extreme-scale",
            "Every energy times 1e-12: no absolute tolerance survives.",
            level=0.4e-12,
            coupling=0.12e-12,
            hopping=1e-12,
            mu_eq=0.1e-12,
            temperature_eq=0.1e-12,
            bias=0.5e-12,
        ),
        _symmetric(
            "scale-1e12",
            "extreme-scale",
            "Every energy times 1e12.",
            level=0.4e12,
            coupling=0.12e12,
            hopping=1e12,
            mu_eq=0.1e12,
            temperature_eq=0.1e12,
            bias=0.5e12,
        ),
        _symmetric(
            "shifted-far",
            "extreme-scale",
            "All energies shifted by 2^20: offsets must be formed before products.",
            onsite=1048576.0,
            level=1048576.375,
            mu_eq=1048576.125,
        ),
        # Decoupled leads.
        _unequal(
            "left-decoupled",
            "decoupled",
            "One lead only: no current, and f is the other lead's.",
            left={"coupling": 0.0},
        ),
        _unequal(
            "both-decoupled",
            "decoupled",
            "The isolated level is one bound state of weight one.",
            left={"coupling": 0.0},
            right={"coupling": 0.0},
            occupation=n,
        ),
        # Exact zeros by symmetry.
        _symmetric(
            "particle-hole-point",
            "resonant",
            "N = 1/2 and I = 0 by symmetry although a gradient drives J.",
            level=0.0,
            mu_eq=0.0,
            bias=0.0,
            temperature_gradient=0.2,
        ),
    )
