"""The panels of Figs. 2-15 as data: axes, curves, captions, and what the captions leave open.

Captions are the paper's own words, its formulas written in Unicode. Fig. 1 is a drawing. May
import: validation.paper.protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from validation.paper.protocol import (
    BASE,
    FIG_8,
    REGIMES,
    SEVERAL_BIASES,
    SMALL_BIASES,
    SMALL_GRADIENTS,
)

__all__ = ["PANELS", "Curve", "Guide", "Panel"]


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    Parameters
    ----------
    label : str
        What tells it from the panel's others, e.g. ``Δμ = 0.1``.
    parameters : dict of str to float
        ``level``, ``bias``, ``temperature_gradient``, all but the panel's own axis.
    """

    label: str
    parameters: dict[str, float]


@dataclass(frozen=True)
class Guide:
    """A thin line that is not data: a place of which the text speaks.

    Parameters
    ----------
    axis : {"x", "y"}
        ``x``: vertical, at this value of x; ``y``: horizontal.
    value : float
    text : str
    curve : int or None
        The curve that it belongs to, and whose colour it has.
    """

    axis: str
    value: float
    text: str
    curve: int | None = None


@dataclass(frozen=True)
class Panel:
    """What is drawn in one panel, and how the paper describes it.

    Parameters
    ----------
    id : str
        ``2``, ``4a``, ...
    figure : int
    title : str
    x : {"level", "bias", "temperature_gradient"}
        The axis.
    range : tuple of float
        Its first and last value.
    observables : tuple of str
        Names as in ``qbnum.OBSERVABLES``.
    curves : tuple of Curve
    caption : str
        The figure's caption in the paper's words.
    chosen : tuple of str
        Values that neither caption nor text fix.
    parameters : dict of str to float
        What differs from `BASE`, or is spelled out, for all curves.
    guides : tuple of Guide
    mark_maxima : bool
        Whether the places of the curves' maxima are part of the figure's message.
    """

    id: str
    figure: int
    title: str
    x: str
    range: tuple[float, float]
    observables: tuple[str, ...]
    curves: tuple[Curve, ...]
    caption: str
    chosen: tuple[str, ...]
    parameters: dict[str, float] = field(default_factory=lambda: dict(BASE))
    guides: tuple[Guide, ...] = ()
    mark_maxima: bool = False


# Not in the text: ranges in round steps of 201 points, inside the band, with T_L > 0.
RANGES = {"level": (-0.8, 1.2), "bias": (0.0, 1.0), "temperature_gradient": (-0.08, 0.32)}

SYMBOLS = {"level": "ε_QB", "bias": "Δμ", "temperature_gradient": "ΔT"}

REGIME_NAMES = {
    "full": "off-resonant-full",
    "resonant": "resonant",
    "empty": "off-resonant-empty",
}

CURRENTS = {
    "a": ("charge_current", "charge current I_Q"),
    "b": ("energy_current", "energy current J_E"),
    "c": ("heat_current_left", "left heat current J_H^L"),
}

LN_2 = 0.6931471805599453

CAPTIONS = {
    2: (
        "Equilibrium entropy in the QB versus the energy level ε_QB. The other parameters are "
        "h_α = 1.0, v_α = 0.12, T_L = T_R = T_eq = 0.1, and μ_L = μ_R = μ_eq = 0.1."
    ),
    3: (
        "Non-equilibrium entropy in the QB versus the energy level ε_QB, for an applied bias "
        "Δμ = 0.5 and T_L = T_R = T_eq. Other parameters are the same as in Fig. 2."
    ),
    4: (
        "Maximum available work βW_ext as a function of ΔT (with additional applied bias), for "
        "the different regimes: (4a) off-resonant-full ε_QB = −0.2, (4b) resonant ε_QB = 0.1, "
        "and, (4c) off-resonant-empty ε_QB = 0.4. Other parameters are ε_α = 0, h_α = 1.0, "
        "v_α = 0.12, T_eq = 0.1 and μ_eq = 0.1."
    ),
    5: (
        "Maximum available work βW_ext as a function of Δμ (with additional temperature "
        "gradient), for the different regimes: (5a) off-resonant-full ε_QB = −0.2, (5b) resonant "
        "ε_QB = 0.1, and (5c) off-resonant-empty ε_QB = 0.4. The other parameters are the same as "
        "in Fig. 4."
    ),
    6: (
        "Maximum available work βW_ext versus the energy level ε_QB for the different applied "
        "biases Δμ and T_L = T_R = T_eq. The exergy has a maximum value for ε_QB ∼ Δμ. The other "
        "parameters are the same as in Fig. 4."
    ),
    7: (
        "Maximum available work βW_ext versus the energy level ε_QB for an applied bias Δμ = 0.5 "
        "and different small temperature gradients ΔT. The exergy has a maximum value for "
        "ε_QB ∼ Δμ, and the presence of an additional temperature gradient does not affect too "
        "much the position of the maximum exergy. The other parameters are the same as in Fig. 4."
    ),
    8: (
        "Maximum available work and NE entropy versus the potential difference Δμ in the "
        "off-resonant regime ε_QB = 0.3 calculated by using the approximated density matrix and "
        "the distribution function. Panel (a): intermediate coupling regime v_α = 0.12, Panel "
        "(b): weak coupling regime v_α = 0.06. Other parameters are: ε_α = 0, h_α = 1.0, "
        "μ_eq = 0, T_L = T_R = T_eq = 0.1."
    ),
    15: (
        "Non-equilibrium entropy S_QB^NE as a function of Δμ. Panel (a): Off-resonant-empty "
        "regime ε_QB = 0.4. Panel (b): Off-resonant-full regime ε_QB = −0.2. Other parameters are "
        "same as Fig. 9."
    ),
} | {
    figure: (
        f"{regime} regime ε_QB = {level}. Currents as a function of {symbol}. Panel (a): charge "
        "current I_Q. Panel (b): energy current J_E. Panel (c): left heat current J_H^L. "
        f"{fixed} Other parameters are {'as in' if figure == 9 else 'same as'} Fig. 4."
    )
    for figure, regime, level, symbol, fixed in (
        (9, "Resonant", "0.1", "ΔT", "Here T_R = T_eq and T_L = T_eq + ΔT."),
        (10, "Resonant", "0.1", "Δμ", "Here μ_R = μ_eq and μ_L = μ_eq + Δμ."),
        (11, "Off-resonant-empty", "0.4", "ΔT", "With T_R = T_eq and T_L = T_eq + ΔT."),
        (12, "Off-resonant-empty", "0.4", "Δμ", "With μ_R = μ_eq and μ_L = μ_eq + Δμ."),
        (13, "Off-resonant-full", "−0.2", "ΔT", "Where T_R = T_eq and T_L = T_eq + ΔT."),
        (14, "Off-resonant-full", "−0.2", "Δμ", "Where μ_R = μ_eq and μ_L = μ_eq + Δμ."),
    )
}


def _chosen_range(x: str) -> str:
    first, last = RANGES[x]
    return f"the range of {SYMBOLS[x]}, {first:g} to {last:g}"


def _chosen_values(name: str, values: tuple[float, ...]) -> str:
    return f"the curves' {SYMBOLS[name]}: " + ", ".join(f"{value:g}" for value in values)


def _curves(name: str, values: tuple[float, ...], **fixed: float) -> tuple[Curve, ...]:
    return tuple(
        Curve(f"{SYMBOLS[name]} = {value:g}".replace("-", "−"), {**fixed, name: value})
        for value in values
    )


def _over_gradient(figure: int, letter: str, regime: str, observable: str, title: str) -> Panel:
    return Panel(
        f"{figure}{letter}", figure, title, "temperature_gradient",
        RANGES["temperature_gradient"], (observable,),
        _curves("bias", SMALL_BIASES, level=REGIMES[regime]),
        CAPTIONS[figure],
        (_chosen_range("temperature_gradient"), _chosen_values("bias", SMALL_BIASES)),
    )  # fmt: skip


def _over_bias(
    figure: int, letter: str, regime: str, observable: str, title: str, crossover: bool
) -> Panel:
    # App. B: "Below the threshold Δμ < ε_QB − μ = 0.3 ..."
    threshold = REGIMES[regime] - BASE["mu_eq"]
    guides = (Guide("x", threshold, "μ_L = ε_QB"),) if crossover else ()
    return Panel(
        f"{figure}{letter}", figure, title, "bias", RANGES["bias"], (observable,),
        _curves("temperature_gradient", SMALL_GRADIENTS, level=REGIMES[regime]),
        CAPTIONS[figure],
        (_chosen_range("bias"), _chosen_values("temperature_gradient", SMALL_GRADIENTS)),
        guides=guides,
    )  # fmt: skip


def _over_level() -> tuple[Panel, ...]:
    mu, bias = BASE["mu_eq"], 0.5
    several = _curves("bias", SEVERAL_BIASES, temperature_gradient=0.0)
    small = _curves("temperature_gradient", SMALL_GRADIENTS, bias=bias)
    axis = "level", RANGES["level"]
    open_range = _chosen_range("level")
    return (
        Panel(
            "2", 2, "equilibrium entropy", *axis, observables=("equilibrium_entropy",),
            curves=(Curve("equilibrium", {"bias": 0.0, "temperature_gradient": 0.0}),),
            caption=CAPTIONS[2], chosen=(open_range,),
            guides=(Guide("y", LN_2, "ln 2"), Guide("x", mu, "ε_QB = μ_eq")),
        ),
        Panel(
            "3", 3, "entropy at Δμ = 0.5", *axis, observables=("entropy",),
            curves=(Curve("Δμ = 0.5", {"bias": bias, "temperature_gradient": 0.0}),),
            caption=CAPTIONS[3], chosen=(open_range,),
            guides=(
                Guide("y", LN_2, "ln 2"), Guide("x", mu, "μ_R"), Guide("x", mu + bias, "μ_L"),
            ),
        ),
        Panel(
            "6", 6, "exergy", *axis, observables=("exergy",), curves=several,
            caption=CAPTIONS[6], chosen=(open_range, _chosen_values("bias", SEVERAL_BIASES)),
            guides=tuple(
                Guide("x", value, "ε_QB = Δμ", curve=k) for k, value in enumerate(SEVERAL_BIASES)
            ), mark_maxima=True,
        ),
        Panel(
            "7", 7, "exergy at Δμ = 0.5", *axis, observables=("exergy",), curves=small,
            caption=CAPTIONS[7],
            chosen=(open_range, _chosen_values("temperature_gradient", SMALL_GRADIENTS)),
            guides=(Guide("x", bias, "ε_QB = Δμ"),), mark_maxima=True,
        ),
    )  # fmt: skip


def _fig_8(letter: str, title: str, coupling: float) -> Panel:
    level = FIG_8["level"]
    return Panel(
        f"8{letter}", 8, title, "bias", RANGES["bias"],
        ("exergy", "two_state_exergy", "entropy", "two_state_entropy"),
        (Curve(f"v = {coupling:g}", {"level": level, "temperature_gradient": 0.0}),),
        CAPTIONS[8],
        (
            _chosen_range("bias"),
            "f_eq in Eq. (A5), which the paper does not define: ∫ A f_eq",
        ),
        parameters=BASE | {"coupling": coupling, "mu_eq": FIG_8["mu_eq"]},
    )  # fmt: skip


def _list() -> tuple[Panel, ...]:
    letters = {"full": "a", "resonant": "b", "empty": "c"}
    panels = [*_over_level()]
    for regime, letter in letters.items():
        panels.append(_over_gradient(4, letter, regime, "exergy", REGIME_NAMES[regime]))
        crossover = regime == "empty"
        panels.append(_over_bias(5, letter, regime, "exergy", REGIME_NAMES[regime], crossover))
    panels.append(_fig_8("a", "intermediate coupling, v = 0.12", 0.12))
    panels.append(_fig_8("b", "weak coupling, v = 0.06", 0.06))
    for regime, figure in (("resonant", 9), ("empty", 11), ("full", 13)):
        for letter, (name, title) in CURRENTS.items():
            panels.append(_over_gradient(figure, letter, regime, name, title))
            crossover = regime == "empty"
            panels.append(_over_bias(figure + 1, letter, regime, name, title, crossover))
    for letter, regime in (("a", "empty"), ("b", "full")):
        panels.append(_over_bias(15, letter, regime, "entropy", REGIME_NAMES[regime], False))
    return tuple(sorted(panels, key=lambda panel: (panel.figure, panel.id)))


PANELS = _list()
"""Every panel of Figs. 2-15, in the paper's order."""
