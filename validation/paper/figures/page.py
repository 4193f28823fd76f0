"""One page with every figure: the paper's captions, what was chosen, the spot checks, the files.

It holds its pictures itself and needs no network. May import: validation.html,
validation.paper.figures.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from validation.html import environment
from validation.paper.figures.data import Panel
from validation.paper.figures.files import stem

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["page"]

NAMES = {
    "onsite": "ε_α",
    "hopping": "h_α",
    "coupling": "v_α",
    "mu_eq": "μ_eq",
    "temperature_eq": "T_eq",
    "level": "ε_QB",
    "bias": "Δμ",
    "temperature_gradient": "ΔT",
}


def page(
    panels: Sequence[Panel],
    data: Mapping[str, xr.Dataset],
    drawings: Mapping[int, bytes],
    files: Mapping[str, Sequence[str]],
    pictures: Mapping[str, Sequence[str]],
    overview: Sequence[str] = (),
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    panels : sequence of Panel
    data : mapping of str to Dataset
        By the panels' ids, with their spot checks if there were any.
    drawings : mapping of int to bytes
        Each figure as SVG.
    files, pictures : mapping of str to sequence of str
        Links, relative to the page: data by panel (``"4a"``), pictures by figure (``"4"``).
    overview : sequence of str
        Links to the sheet of all figures.
    """
    figures = []
    for number in sorted({p.figure for p in panels}):
        shown = [p for p in panels if p.figure == number]
        figures.append(
            {
                "number": number,
                "anchor": stem(str(number)),
                "image": "data:image/svg+xml;base64," + base64.b64encode(drawings[number]).decode(),
                "caption": shown[0].caption,
                "chosen": list(dict.fromkeys(text for p in shown for text in p.chosen)),
                "files": _links(pictures.get(str(number), ())),
                "panels": [_panel(p, data[p.id], files.get(p.id, ())) for p in shown],
                "maxima": [row for p in shown for row in _maxima(p, data[p.id])],
                "wide": len(shown) > 1,
            }
        )
    first = data[panels[0].id].attrs
    template = environment("validation.paper.figures").get_template("figures.html.j2")
    return template.render(
        figures=figures,
        overview=_links(overview),
        checks=_total(data),
        version=first["qbnum_version"],
    )


def _panel(shown: Panel, data: xr.Dataset, files: Sequence[str]) -> dict[str, Any]:
    parameters = [f"{NAMES[k]} = {v:g}" for k, v in shown.parameters.items()]
    same = shown.curves[0].parameters
    parameters += [
        f"{NAMES[k]} = {v:g}"
        for k, v in same.items()
        if all(curve.parameters[k] == v for curve in shown.curves)
    ]
    return {
        "id": shown.id,
        "title": shown.title,
        "parameters": ", ".join(parameters).replace("= -", "= −"),
        "curves": [curve.label for curve in shown.curves],
        "check": _check(data.attrs),
        "files": _links(files),
    }


def _check(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    if "spot_checks" not in attributes:
        return None
    worst = float(attributes["spot_worst_error"])
    return {
        "count": int(attributes["spot_checks"]),
        "worst": "exact" if worst == 0 else f"{worst:.0e}",
        "digits": math.inf if worst == 0 else round(-math.log10(worst), 1),
        "agreed": bool(attributes["spot_agreed"]),
    }


def _total(data: Mapping[str, xr.Dataset]) -> dict[str, Any] | None:
    """Return the spot checks of all panels together, and None if there were none."""
    checked = [d.attrs for d in data.values() if "spot_checks" in d.attrs]
    if not checked:
        return None
    return _check(
        {
            "spot_checks": sum(int(a["spot_checks"]) for a in checked),
            "spot_worst_error": max(float(a["spot_worst_error"]) for a in checked),
            "spot_agreed": all(a["spot_agreed"] for a in checked),
        }
    )


def _maxima(shown: Panel, data: xr.Dataset) -> list[dict[str, str]]:
    if "maximum" not in data:
        return []
    places, heights = data["maximum_position"].values, data["maximum"].values
    return [
        {
            "curve": curve.label,
            "place": f"{place:.4f}" if math.isfinite(place) else "at the end of the range",
            "height": f"{height:.4f}",
        }
        for curve, place, height in zip(shown.curves, places, heights, strict=True)
    ]


def _links(files: Sequence[str]) -> list[dict[str, str]]:
    return [{"href": name, "text": name.rpartition(".")[2]} for name in files]
