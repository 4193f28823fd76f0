"""A campaign from its settings to its summary, part by part. May import: qbnum, validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import qbnum
from validation.campaign.certified import compare_certified
from validation.campaign.draws import STRATA
from validation.campaign.layers import Evaluate
from validation.campaign.summary import Settings, summarise
from validation.campaign.symmetric import compare_images
from validation.parts import Parts
from validation.pool import finished
from validation.versions import code_digest

__all__ = ["count_parts", "run_campaign"]

IMAGES_PART = 20 * len(STRATA)
"""Junctions held against their images in one part, some seconds of work."""

CERTIFIED_PART = len(STRATA)
"""Junctions held against enclosures in one part, some tens of seconds of work."""

Key = tuple[str, int, int]


def count_parts(settings: Settings) -> int:
    """Return how many parts a campaign has."""
    return len(_calls(settings, qbnum.steady_state))


def run_campaign(
    settings: Settings,
    parts: Parts,
    workers: int = 1,
    advance: Callable[[], None] = lambda: None,
    evaluate: Evaluate = qbnum.steady_state,
) -> dict[str, Any]:
    """Carry out a campaign, or what is left of it, and return its summary.

    Parameters
    ----------
    settings : Settings
    parts : Parts
        Where finished parts are kept, and those of an interrupted run found.
    workers : int
        Processes; the summary does not depend on it.
    advance : callable
        Called for each part once it is there.
    evaluate : callable
        The fast layer, to be put to the test; with workers it must be a module's function.

    Raises
    ------
    PartsError
        A part cannot be kept.
    WorkerDiedError
        A part killed its process twice.
    """
    calls = _calls(settings, evaluate)
    identity = [code_digest(), evaluate.__module__, evaluate.__qualname__]

    def name(key: Key) -> list[Any]:
        digits = settings.digits if key[0] == "certified" else None
        return ["campaign", settings.seed, *key, digits, *identity]

    done: dict[Key, Mapping[str, Any]] = {}
    for key in calls:
        if name(key) in parts:
            done[key] = parts[name(key)]
            advance()
    left = {key: call for key, call in calls.items() if key not in done}
    for key, found in finished(left, workers):
        done[key] = parts.keep(name(key), found)
        advance()
    images, certified = (
        [done[key] for key in calls if key[0] == kind] for kind in ("images", "certified")
    )
    return summarise(settings, images, certified)


def _calls(settings: Settings, evaluate: Evaluate) -> dict[Key, Callable[[], dict[str, Any]]]:
    """Return the work of every part, the longest first."""
    seed = settings.seed
    calls: dict[Key, Callable[[], dict[str, Any]]] = {}
    for start in range(0, settings.certified, CERTIFIED_PART):
        stop = min(start + CERTIFIED_PART, settings.certified)
        calls["certified", start, stop] = partial(
            compare_certified, seed, start, stop, settings.digits, evaluate
        )
    for start in range(0, settings.junctions, IMAGES_PART):
        stop = min(start + IMAGES_PART, settings.junctions)
        calls["images", start, stop] = partial(compare_images, seed, start, stop, evaluate)
    return calls
