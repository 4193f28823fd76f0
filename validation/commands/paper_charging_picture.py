"""The picture of the charging: N, currents, entropy production and two-state exergy in time.

May import: validation.plotting, validation.witness; matplotlib inside the function.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import rel_entr

from validation.plotting import GUIDE, line_styles, new_figure, save, style
from validation.witness import Plateau

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["draw"]

PANELS = (
    ("$N$", ("particle_number",), ("",)),
    (
        "charge current  [energy]",
        ("charge_current_left", "charge_current_right"),
        ("out of L", "into R"),
    ),
    (
        "energy current  [energy²]",
        ("energy_current_left", "energy_current_right"),
        ("out of L", "into R"),
    ),
    ("$\\sigma$ of the reservoirs  [energy]", ("entropy_production",), ("",)),
    ("$S_2$", ("two_state_entropy",), ("",)),
    ("$X_2$", ("two_state_exergy",), ("",)),
)

SPIKED = ("charge_current_left", "energy_current_left", "entropy_production")
SPIKE = 1.35
"""The first instants' currents are as large as the coupling; the axes show the plateau's size times
this, and what the curve has after `FIRST` of the time."""

FIRST = 0.02


def draw(dataset: xr.Dataset, settled: Plateau, path: Path) -> None:
    """Draw a data set of `validation.witness.charging`, dotted lines for the steady state.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    guides = _guides(dataset, settled)
    time = dataset["time"].values
    with style():
        figure = new_figure(3, 2, width=3.1, height=2.3)
        for axes, (label, names, legends) in zip(
            figure.subplots(2, 3, sharex=True).flat, PANELS, strict=True
        ):
            for name, legend, look in zip(names, legends, line_styles(len(names)), strict=True):
                axes.plot(time, dataset[name].values, label=legend, **look)
            guide = guides[names[0]]
            axes.axhline(guide, color=GUIDE, linewidth=0.9, linestyle=":", zorder=1)
            if names[0] in SPIKED:
                _limit(axes, dataset, names, guide)
            axes.set_ylabel(label)
            axes.set_xlim(time[0], time[-1])
            if len(names) > 1:
                axes.legend()
        for axes in figure.axes[3:]:
            axes.set_xlabel("$t$  [ħ/energy]")
        figure.suptitle(_title(dataset), fontsize=8.5, color="#444444")
        save(figure, path)


def _guides(dataset: xr.Dataset, settled: Plateau) -> dict[str, float]:
    """Return the values of the plateau; of entropies, those of its N."""
    n, d_eq = settled.particle_number, float(dataset.attrs["equilibrium_particle_number"])
    return {
        "particle_number": n,
        "charge_current_left": settled.charge_current,
        "energy_current_left": settled.energy_current,
        "entropy_production": settled.entropy_production,
        "two_state_entropy": float(-rel_entr(n, 1.0) - rel_entr(1 - n, 1.0)),
        "two_state_exergy": float(rel_entr(n, d_eq) + rel_entr(1 - n, 1 - d_eq)),
    }


def _limit(axes: Any, dataset: xr.Dataset, names: tuple[str, ...], guide: float) -> None:
    """Cut off the spike of the first instants, if there is one."""
    time = dataset["time"].values
    later = time > time[0] + FIRST * (time[-1] - time[0])
    shown = np.concatenate([dataset[name].values[later] for name in names] + [[guide]])
    everything = np.concatenate([dataset[name].values for name in names])
    low, high = float(shown.min()), float(shown.max())
    margin = 0.06 * (high - low) or 0.1
    size = high - low
    if everything.max() > high + SPIKE * size or everything.min() < low - SPIKE * size:
        axes.set_ylim(low - margin, high + margin)


def _title(dataset: xr.Dataset) -> str:
    a = {name: value for name, value in dataset.attrs.items() if not isinstance(value, str)}
    return (
        f"level {a['level']:g}, coupling {a['left_coupling']:g}, "
        f"$\\mu_L$ {a['left_mu']:g}, $\\mu_R$ {a['right_mu']:g}, "
        f"$T_L$ {a['left_temperature']:g}, $T_R$ {a['right_temperature']:g}, "
        f"first occupation {a['initial']:g}; dotted: steady state"
    )
