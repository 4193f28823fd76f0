"""The paper's figures as data, spot checks, pictures and a page. May import: validation.paper."""

from __future__ import annotations

from validation.paper.figures.data import figure_data, junctions, panel, panel_data, panels, select
from validation.paper.figures.panels import Curve, Guide, Panel

__all__ = [
    "Curve",
    "Guide",
    "Panel",
    "figure_data",
    "junctions",
    "panel",
    "panel_data",
    "panels",
    "select",
]
