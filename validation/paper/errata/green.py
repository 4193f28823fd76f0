"""Errata of Eqs. (4)-(6) and of the self-energy after (6): what each computes.

May import: numpy, scipy, sympy, qbsym, qbnum, validation.paper.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Eq, I, Symbol, exp

import qbnum
import qbsym
from qbnum import Junction
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum
from validation.paper.errata.numbers import CHAIN, CLEARLY, DOUBLE, largest_difference
from validation.paper.protocol import REGIMES, battery

__all__ = ["ERRATA"]

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""

POINTS = np.linspace(-0.99, 0.99, 45)
"""Energies, in units of the half band, at which two functions of omega are held together."""


# --- The sign of Re Sigma after (6) --------------------------------------------------------------

UNEQUAL = Junction(
    level=0.3,
    left=qbnum.Lead(-0.2, 0.9, 0.4, 0.5, 0.2),
    right=qbnum.Lead(0.3, 1.2, 0.25, 0.1, 0.1),
    mu_eq=0.1,
    temperature_eq=0.1,
)
"""Leads that differ in everything, whose bands overlap from -1.6 to 1.6."""

FAR = Junction(
    level=REGIMES["empty"],
    left=qbnum.Lead(0.0, 1.0, 0.12, 6.0, 0.1),
    right=qbnum.Lead(0.0, 1.0, 0.12, -6.0, 0.1),
    mu_eq=0.1,
    temperature_eq=0.1,
)
"""The left reservoir full and the right one empty throughout the band: N = integral A/2."""


def _sign_numbers() -> tuple[Comparison, ...]:
    found = numbers.direct(EMPTY, numbers.at(EMPTY, qbsym.printed_self_energy("L")))
    through = numbers.as_printed(EMPTY)
    right = qbnum.steady_state(EMPTY)
    image, scale = numbers.mapped(UNEQUAL)
    omega = 1.6 * POINTS
    tau, density = (
        numbers.compiled(form)(omega, *UNEQUAL.parameters.values())
        for form in (qbsym.printed_transmission(), qbsym.printed_spectral_function())
    )
    of_image = qbnum.spectral_function(image, omega)
    far = numbers.as_printed(FAR)["particle_number"]
    witness = numbers.evolve(EMPTY).number
    return (
        Comparison(
            "integral A as printed, by quadrature, and 1/(1 + s)",
            found["spectral_weight"],
            1 / float(numbers.mapped(EMPTY)[1]),
            tolerance=DOUBLE,
        ),
        Comparison(
            "integral A as printed, and 1", found["spectral_weight"], 1.0, "differs from", CLEARLY
        ),
        Comparison(
            "unequal leads: largest difference of the printed tau from the mapped junction's",
            largest_difference(tau, qbnum.transmission(image, omega)),
            0.0,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            "unequal leads: largest difference of the printed A from the mapped A'/(1 + s)",
            largest_difference(density, of_image / scale),
            0.0,
            tolerance=DOUBLE,
            scale=1.0,
        ),
        Comparison(
            "unequal leads, same tau: largest difference of the printed A from A' itself",
            largest_difference(density, of_image),
            0.0,
            "differs from",
            CLEARLY,
            scale=1.0,
        ),
        *(
            Comparison(
                f"{name} as printed, by quadrature and by the mapping",
                found[name],
                float(through[name]),
                tolerance=DOUBLE,
            )
            for name in ("particle_number", "entropy", "exergy", "charge_current", "energy_current")
        ),
        Comparison(
            "N of a finite chain (no Green function), and with the right sign",
            witness,
            float(right.particle_number),
            tolerance=CHAIN,
        ),
        Comparison(
            "N of a finite chain (no Green function), and as printed",
            witness,
            found["particle_number"],
            "differs from",
            CLEARLY,
        ),
        Comparison(
            "what reveals it: N as printed between a full and an empty reservoir, and 1/2",
            float(far),
            0.5,
            "differs from",
            CLEARLY,
        ),
    )


def _both(junction: Junction) -> dict[str, Any]:
    return numbers.as_printed(numbers.band_follows(junction))


def _sign_consequence() -> Consequence:
    right, best, both = (
        numbers.best_level(exergy)
        for exergy in (
            lambda j: qbnum.steady_state(j).exergy,
            lambda j: numbers.as_printed(j)["exergy"],
            lambda j: _both(j)["exergy"],
        )
    )
    lost = 1 - float(numbers.as_printed(EMPTY)["spectral_weight"])
    return Consequence(
        f"A loses {lost:.2%} of its weight, and what is plotted at a level belongs to a level "
        f"{lost:.2%} closer to the band centre. The exergy's maximum at bias 0.5 moves from level "
        f"{right:.4f} to {best:.4f}: with the printed sign it seems to sit at the bias itself. "
        f"With the printed dispersion as well it is at {both:.4f}. A transmission curve alone "
        "cannot reveal the mistake; the sum rule, N between a full and an empty reservoir, or tau "
        "with the level known do.",
        numbers.shifts(numbers.as_printed),
    )


_sigma, _v, _h = Symbol("Sigma_a^r"), Symbol("v_a"), Symbol("h_a")
_wave = Symbol("k_a", real=True)

ERRATA = (
    Erratum(
        slug="self-energy-sign",
        kind="formula",
        where="after Eq. (6)",
        summary="Sigma = v² e^(-ik)/h → -v² e^(ik)/h: sign of Re Sigma",
        printed=Eq(_sigma, _v**2 * exp(-I * _wave) / _h, evaluate=False),
        right=Eq(_sigma, -(_v**2) * exp(I * _wave) / _h, evaluate=False),
        why="With omega = eps - 2h cos k, 0 < k < pi, both have the same broadening, but the "
        "printed one does not decay at infinity and is not the transform of its own imaginary "
        "part. It is, exactly, the self-energy of another correct junction: level' = (level + "
        "sum s_a eps_a)/(1 + s), v_a' = v_a/sqrt(1 + s), s_a = (v_a/h_a)^2, s = sum s_a; tau is "
        "unchanged by the mapping and A is A'/(1 + s). Every printed junction has such an image; "
        "the images are the junctions with sum (v_a'/h_a)^2 < 1, and v_a = v_a'/sqrt(1 - s') "
        "leads back.",
        proofs=("self_energy", "printed_self_energy_weight", "printed_self_energy_mapping"),
        demonstrate=_sign_numbers,
        consequence=_sign_consequence,
    ),
)
