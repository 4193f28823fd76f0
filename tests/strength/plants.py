"""Seeded wrong physics: mistakes that people make, as edits of the source of a layer.

A mistake in a basic formula is planted where that formula stands; one that every way of integration
would make alike is planted where their results come together. Equation numbers are the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Edit: TypeAlias = tuple[str, str, str]
"""Module, what stands there (everywhere in the module that it does), what takes its place."""


@dataclass(frozen=True)
class Plant:
    """A mistake in one layer."""

    name: str
    layer: str
    edits: tuple[Edit, ...]


SPECTRAL, GEOMETRY, NODES = "qbnum.spectral", "qbnum._geometry", "qbnum._nodes"
STEADY = "qbnum.steady_state"
CURRENTS = "charge_current energy_current heat_current_left heat_current_right"
ENTROPIC = "entropy exergy equilibrium_entropy two_state_entropy two_state_exergy"
GAPS = "entropy_gap exergy_gap"

_COLLECTED = '    out: dict[str, Any] = {"states"'
_TEMPERATURE = 'temperature_eq=scaled("temperature_eq")'
_PAIRS = "        v, h = dd.exact(pairs"


def _collected(*lines: str) -> tuple[Edit, ...]:
    """Return the edit that alters the values in `value` before they are handed on."""
    return ((STEADY, _COLLECTED, "".join(f"    {line}\n" for line in lines) + _COLLECTED),)


def _scaled(names: str, factor: str) -> str:
    return f"value |= {{name: value[name] * ({factor}) for name in {names.split()!r}}}"


def _fast(name: str, *edits: Edit) -> Plant:
    return Plant(name, "qbnum", edits)


def _kappa(inside: str, slope: str, real: str) -> tuple[Edit, ...]:
    """Return the edits of Re Sigma inside the band."""
    return (
        (SPECTRAL, "np.where(inside, kappa * x,", f"np.where(inside, {real},"),
        (GEOMETRY, "inside = F - kappa * (at - points.onsite[a])", f"inside = {inside}"),
        (GEOMETRY, "slope - np.where(is_open, points.kappa[a], 0.0)", slope),
        (
            NODES,
            "slope = 1.0 - points.kappa[0][point] - points.kappa[1][point]",
            "slope = 1.0 + points.kappa[0][point] + points.kappa[1][point]"
            if "+" in slope
            else "slope = 1.0",
        ),
    )


FAST: tuple[Plant, ...] = (
    _fast(
        "the printed sign of Re Sigma",
        *_kappa(
            "F + kappa * (at - points.onsite[a])",
            "slope + np.where(is_open, points.kappa[a], 0.0)",
            "-kappa * x",
        ),
    ),
    _fast("the dispersive part Re Sigma dropped", *_kappa("F", "slope", "0 * x")),
    _fast(
        "Gamma without its factor 2",
        (SPECTRAL, "-2.0 * _self_energy", "-1.0 * _self_energy"),
        (NODES, "(2 * points.kappa[a][point])", "points.kappa[a][point]"),
    ),
    _fast(
        "v/h for (v/h)^2 in Sigma",
        (SPECTRAL, "0.5 * ratio**2", "0.5 * ratio"),
        (GEOMETRY, "kappa = v * v / (h * h * 2.0)", "kappa = v / (h * 2.0)"),
    ),
    _fast(
        "the other sheet of the square root outside the band",
        (SPECTRAL, "x + np.copysign(root, x)", "x - np.copysign(root, x)"),
        (
            GEOMETRY,
            "outer = dd.where(side > 0, x, -x) + root",
            "outer = dd.where(side > 0, x, -x) - root",
        ),
    ),
    _fast(
        "the band follows the level",
        (GEOMETRY, _PAIRS, '        pairs["onsite"] = np.stack([scaled("level")] * 2)\n' + _PAIRS),
    ),
    _fast(
        "the left coupling for both leads",
        (GEOMETRY, _PAIRS, '        pairs["coupling"][1] = pairs["coupling"][0]\n' + _PAIRS),
    ),
    _fast(
        "f_L and f_R swapped",
        (
            GEOMETRY,
            _PAIRS,
            '        pairs |= {n: pairs[n][::-1] for n in ("mu", "temperature")}\n' + _PAIRS,
        ),
        (
            SPECTRAL,
            "zip(gammas, (junction.left, junction.right)",
            "zip(gammas, (junction.right, junction.left)",
        ),
    ),
    _fast(
        "the plain mean of f_L and f_R",
        (
            NODES,
            "shares = gammas[0] / gamma, gammas[1] / gamma",
            "shares = 0.5 + 0 * gamma, 0.5 + 0 * gamma",
        ),
        (NODES, "gammas[0] * shares[1]", "gammas[0] * gammas[1] / gamma"),
        (
            SPECTRAL,
            "np.where(undefined, 0.0, gamma / np.where(undefined, 1.0, total))",
            "np.where(undefined, 0.0, 0.5)",
        ),
    ),
    _fast(
        "the left lead's temperature for T_eq",
        (GEOMETRY, _TEMPERATURE, 'temperature_eq=scaled("left.temperature")'),
    ),
    _fast(
        "the left lead as the reference state of the exergy",
        (GEOMETRY, _TEMPERATURE, 'temperature_eq=scaled("left.temperature")'),
        (GEOMETRY, 'mu_eq=scaled("mu_eq")', 'mu_eq=scaled("left.mu")'),
    ),
    _fast(
        "bound states left out",
        (
            STEADY,
            "if occupation is None else done.bound",
            "",
        ),
    ),
    _fast(
        "weight Z^2 of a bound state for Z",
        (GEOMETRY, "weight[at, slot] = 1.0 / slope", "weight[at, slot] = 1.0 / slope**2"),
    ),
    _fast("currents counted from right to left", *_collected(_scaled(CURRENTS, "-1"))),
    _fast(
        "1/(2 pi) missing in the currents",
        *_collected(_scaled(CURRENTS + " entropy_production", "2 * np.pi")),
    ),
    _fast(
        "two spins",
        *_collected(
            _scaled(
                f"spectral_weight particle_number energy entropy exergy entropy_production "
                f"equilibrium_particle_number equilibrium_energy equilibrium_entropy {GAPS} "
                + CURRENTS,
                "2",
            )
        ),
    ),
    _fast(
        "heat for the energy current",
        *_collected('value["energy_current"] = value["heat_current_left"]'),
    ),
    _fast(
        "omega for omega - mu in the heat currents",
        *_collected(
            'value["heat_current_left"] = value["heat_current_right"] = value["energy_current"]'
        ),
    ),
    _fast(
        "the other lead's mu in the heat currents",
        *_collected(
            'value["heat_current_left"], value["heat_current_right"] = '
            'value["heat_current_right"], value["heat_current_left"]'
        ),
    ),
    _fast(
        "entropy production with the opposite sign",
        *_collected(_scaled("entropy_production", "-1")),
    ),
    _fast(
        "entropy production without the heat of the gradient",
        *_collected(
            "T_L, T_R = points.temperature",
            'value["entropy_production"] = value["charge_current"] * '
            "(points.mu[0] / T_L - points.mu[1] / T_R)",
        ),
    ),
    _fast(
        "energies measured from mu_eq",
        *_collected(
            'value["energy"] = value["energy"] - points.mu_eq * value["particle_number"]',
            'value["equilibrium_energy"] = value["equilibrium_energy"] - points.mu_eq * '
            'value["equilibrium_particle_number"]',
            'value["energy_current"] = value["energy_current"] - points.mu_eq * '
            'value["charge_current"]',
        ),
    ),
    _fast(
        "logarithms of base 2 (ln 2 dropped)",
        *_collected(_scaled(f"{ENTROPIC} {GAPS}", "1 / np.log(2)")),
    ),
    _fast(
        "the entropy of the holes dropped in S2",
        (
            STEADY,
            "S2 = st.binary_entropy(fill.d, fill.d_bar)",
            "S2 = -fill.d * st.log_of(fill.d, fill.d_bar)",
        ),
    ),
    _fast(
        "plus sign of mu (N - N_eq) in the exergy, as printed in (2)",
        *_collected(
            'value["exergy"] = value["exergy"] + 2 * points.mu_eq / points.temperature_eq * '
            'value["particle_number_change"]'
        ),
    ),
    _fast(
        "exergy without mu (N - N_eq)",
        *_collected(
            'value["exergy"] = value["exergy"] + points.mu_eq / points.temperature_eq * '
            'value["particle_number_change"]'
        ),
    ),
    _fast(
        "exergy in units of energy",
        *_collected(_scaled("exergy two_state_exergy exergy_gap", "points.temperature_eq")),
    ),
    _fast(
        "f_eq(level) as the reference of (A5)",
        (STEADY, 'if reference == "mean":', 'if reference != "mean":'),
    ),
    _fast("gaps with the opposite sign", *_collected(_scaled(GAPS, "-1"))),
    _fast("the Jensen gap alone with the opposite sign", *_collected(_scaled("exergy_gap", "-1"))),
    _fast(
        "the spectral weight counts the bound states",
        *_collected('value["spectral_weight"] = value["spectral_weight"] + weight'),
    ),
)

BOUND, ASSEMBLY = "validation.backends.arb_bound", "validation.backends.arb_assembly"


def _reference(name: str, *edits: Edit) -> Plant:
    return Plant(name, "reference", edits)


REFERENCE: tuple[Plant, ...] = (
    _reference(
        "weight Z^2 of a bound state for Z",
        (BOUND, "weight = 1 / function(energy)[1]", "weight = 1 / function(energy)[1] ** 2"),
    ),
    _reference(
        "bound states left out",
        (ASSEMBLY, "                values[name] += gain", "                pass"),
    ),
    _reference(
        "omega for omega - mu_eq of a bound state",
        (
            ASSEMBLY,
            "(energy - to_ball(j.mu_eq)) / to_ball(j.temperature_eq)",
            "energy / to_ball(j.temperature_eq)",
        ),
    ),
    _reference(
        "the holes' term of a bound state's exergy dropped",
        (
            ASSEMBLY,
            "-entropy - filled * log_g - holes * log_g_holes,",
            "-entropy - filled * log_g,",
        ),
    ),
    _reference(
        "the holes' term of X2 dropped",
        (ASSEMBLY, "p * (log_p - log_p_eq) + q * (log_q - log_q_eq)", "p * (log_p - log_p_eq)"),
    ),
    _reference(
        "1/(2 pi) missing in the currents",
        (ASSEMBLY, "name: integrals[name].times(factor)", "name: integrals[name]"),
    ),
    _reference(
        "the other side of the band for a closed lead",
        ("validation.backends.bands", 'return "above"', 'return "below"'),
    ),
)

GREENS, OBSERVABLES = "qbsym.greens", "qbsym.observables"


def _symbolic(name: str, *edits: Edit) -> Plant:
    return Plant(name, "qbsym", edits)


SYMBOLIC: tuple[Plant, ...] = (
    _symbolic(
        "the printed sign of Re Sigma",
        (
            GREENS,
            "return split(self_energy(lead, region))[0]",
            "return -split(self_energy(lead, region))[0]",
        ),
    ),
    _symbolic("Gamma without its factor 2", (GREENS, "return -2 * split(", "return -split(")),
    _symbolic(
        "f_L and f_R swapped",
        (
            GREENS,
            "(s.Gamma_L * s.f_L + s.Gamma_R * s.f_R)",
            "(s.Gamma_L * s.f_R + s.Gamma_R * s.f_L)",
        ),
    ),
    _symbolic(
        "omega for omega - mu",
        (GREENS, "(s.omega - s.mu_eq) / s.temperature_eq", "s.omega / s.temperature_eq"),
    ),
    _symbolic(
        "the left lead's temperature for T_eq",
        (GREENS, "(s.omega - s.mu_eq) / s.temperature_eq", "(s.omega - s.mu_eq) / s.temperature_L"),
    ),
    _symbolic(
        "1/(2 pi) without its 2", (OBSERVABLES, "landauer = 1 / (2 * pi)", "landauer = 1 / pi")
    ),
    _symbolic(
        "currents counted from right to left",
        (OBSERVABLES, "FermiDifference(s.x_L, s.x_R)", "FermiDifference(s.x_R, s.x_L)"),
    ),
    _symbolic(
        "heat for the energy current",
        (OBSERVABLES, "s.omega * s.tau * difference", "(s.omega - s.mu_L) * s.tau * difference"),
    ),
    _symbolic(
        "omega for omega - mu in the heat currents",
        (OBSERVABLES, "(s.omega - s.mu_L) * s.tau * difference", "s.omega * s.tau * difference"),
    ),
    _symbolic(
        "entropy production with the opposite sign",
        (OBSERVABLES, "(s.x_R - s.x_L)", "(s.x_L - s.x_R)"),
    ),
    _symbolic(
        "logarithms of base 2 in S (ln 2 dropped)",
        (
            OBSERVABLES,
            "return -PLogP(p, q) - PLogP(q, p)",
            "return (-PLogP(p, q) - PLogP(q, p)) / log(2)",
        ),
    ),
    _symbolic(
        "the holes' term of the exergy dropped",
        (
            OBSERVABLES,
            "return PLogP(p, q) + PLogP(q, p) - p * log_p0 - q * log_q0",
            "return PLogP(p, q) - p * log_p0",
        ),
    ),
    _symbolic(
        "the occupied weight without A",
        (
            OBSERVABLES,
            'integral("particle_number", "N", "(10)", s.A * s.f)',
            'integral("particle_number", "N", "(10)", s.A * s.f_L)',
        ),
    ),
)

PLANTS: tuple[Plant, ...] = (*FAST, *REFERENCE, *SYMBOLIC)


def altered(plant: Plant, sources: Mapping[str, str]) -> dict[str, str]:
    """Return the sources with the mistake in them; an edit that applies nowhere is an error."""
    changed = dict(sources)
    for module, old, new in plant.edits:
        if old not in changed[module]:
            raise LookupError(f"{plant.layer}, {plant.name}: {module} has no {old!r} (any more)")
        changed[module] = changed[module].replace(old, new)
    return changed
