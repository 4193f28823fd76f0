"""The record of a campaign: few numbers that say how far the error estimates can be trusted.

It holds nothing that depends on the machine, the number of processes or the time, so that the
same campaign gives the same bytes. May import: numpy, scipy, qbnum, validation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import qbnum
from validation.campaign.draws import STRATA, draw
from validation.campaign.layers import CRASHED
from validation.cases.case import evaluate_command
from validation.runner import DIGITS_SHOWN
from validation.versions import versions

__all__ = ["FORMAT", "GOAL", "Settings", "agreed", "summarise"]

FORMAT = "qbval-campaign-1"

GOAL = 0.999
"""The share of cases in which the error estimate must cover the true error."""

CONFIDENCE = 0.95

LISTED = 50
"""Failures that are listed one by one, the worst first; the counts have all of them."""

EXACT = ("scale", "alone")
"""Comparisons in which not a bit may change."""


@dataclass(frozen=True)
class Settings:
    """What is drawn and compared; it decides every number of the summary.

    Attributes
    ----------
    seed, junctions : int
        The draws are those from 0 on.
    certified : int
        So many of them, the first ones, are held against certified enclosures.
    digits : int
        Digits asked of the enclosures.
    """

    seed: int
    junctions: int
    certified: int
    digits: int

    def command(self) -> str:
        """Return the command that repeats the campaign."""
        return (
            f"qbval run --deep --seed {self.seed} --random {self.junctions} "
            f"--certified {self.certified} --digits {self.digits}"
        )


def summarise(
    settings: Settings, images: Sequence[Mapping[str, Any]], certified: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the summary of a campaign's parts, as plain data.

    Parameters
    ----------
    settings : Settings
    images, certified : sequence of dict
        The parts, in order: see `compare_images` and `compare_certified`.

    Returns
    -------
    dict
        ``format``, ``settings``, ``versions``, ``command``; ``coverage`` of the comparisons, of
        the junctions (all observables of one), by observable and by stratum; ``symmetries``;
        ``problems`` (refusals and crashes, counted by layer and type); ``failures``.
    """
    rows = [row for part in certified for row in part["junctions"]]
    shape = len(rows), len(qbnum.OBSERVABLES)
    ratio, digits = (
        np.array([row[k] for row in rows], dtype=np.float64).reshape(shape) for k in (1, 2)
    )
    names = list(STRATA)
    stratum = np.array([names[row[0] % len(names)] for row in rows])
    alone = [number for part in certified for number in part["alone"]]
    checks = _checks(images)
    checks["alone"] = {"compared": len(rows), "outside": len(alone), "worst": 0.0}
    failures = [
        (rows[i][0], "enclosure", qbnum_name, float(ratio[i, k]))
        for k, qbnum_name in enumerate(qbnum.OBSERVABLES)
        for i in np.flatnonzero(ratio[:, k] > 1)
    ]
    failures += [(number, "alone", "", 0.0) for number in alone]
    failures += [tuple(f) for part in images for f in part["failures"]]
    problems = {
        layer: [p for part in parts for p in part["problems"]]
        for layer, parts in (("images", images), ("certified", certified))
    }
    return {
        "format": FORMAT,
        "settings": asdict(settings),
        "versions": versions(),
        "command": settings.command(),
        "coverage": {
            "comparisons": _coverage(ratio.reshape(-1)),
            "junctions": _bounded(_worst_of_each(ratio)),
            "observables": {
                name: _bounded(ratio[:, k]) | _digits(digits[:, k])
                for k, name in enumerate(qbnum.OBSERVABLES)
            },
            "strata": {
                name: _bounded(_worst_of_each(ratio[stratum == name]))
                | _digits(digits[stratum == name])
                for name in names
            },
        },
        "symmetries": checks,
        "problems": {
            layer: dict(sorted(Counter(f"{p[1]}: {p[2].split(':')[0]}" for p in found).items()))
            for layer, found in problems.items()
        },
        "failures": _listed(settings.seed, failures),
        "unanswered": [
            _one(settings.seed, number, layer) | {"message": message[:200]}
            for layer, found in problems.items()
            for number, _, message in sorted(found, key=lambda p: (p[1] != CRASHED, p[0]))[:LISTED]
        ],
    }


def agreed(summary: Mapping[str, Any]) -> bool:
    """Say whether a campaign found what the project promises.

    Error estimates cover the true errors in `GOAL` of the comparisons, and so do those of two
    symmetric images their differences; nothing crashed; what must be exact is.
    """
    checks = summary["symmetries"]
    certified = summary["coverage"]["comparisons"]
    shares = [certified["share"]] if certified["compared"] else []
    shares += [1 - c["outside"] / c["compared"] for c in checks.values() if c["compared"]]
    crashes = any(
        kind.startswith(CRASHED) for found in summary["problems"].values() for kind in found
    )
    exact = not any(checks[name]["outside"] for name in EXACT if name in checks)
    return exact and not crashes and bool(shares) and all(s >= GOAL for s in shares)


def _worst_of_each(ratio: Any) -> Any:
    """Return the largest ratio of every junction, NaN where it has none."""
    known = ~np.isnan(ratio)
    worst = np.where(known, ratio, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(known.any(axis=1), worst, np.nan)


def _coverage(ratio: Any) -> dict[str, Any]:
    """Count how often |error|/estimate is at most 1, and say how large it is."""
    seen = ratio[~np.isnan(ratio)]
    covered = int((seen <= 1).sum())
    return {
        "compared": seen.size,
        "covered": covered,
        "share": covered / seen.size if seen.size else None,
        "ratio_median": _quantile(seen, 0.5),
        "ratio_999": _quantile(seen, 0.999),
        "ratio_worst": _quantile(seen, 1.0),
    }


def _bounded(ratio: Any) -> dict[str, Any]:
    """Return the coverage of independent cases, with a lower bound of the true share."""
    from scipy.stats import binomtest

    found = _coverage(ratio)
    if not found["compared"]:
        return found | {"share_at_least": None}
    test = binomtest(found["covered"], found["compared"], alternative="greater")
    interval = test.proportion_ci(confidence_level=CONFIDENCE, method="exact")
    return found | {"share_at_least": round(float(interval.low), 6)}


def _digits(digits: Any) -> dict[str, Any]:
    seen = np.minimum(digits[np.isfinite(digits)], DIGITS_SHOWN)
    return {"digits_worst": _quantile(seen, 0.0), "digits_median": _quantile(seen, 0.5)}


def _quantile(seen: Any, share: float) -> float | None:
    """Return a quantile in three significant digits: one of the values, so no rounding matters."""
    if not seen.size:
        return None
    return float(f"{np.quantile(seen, share, method='higher'):.3g}")


def _checks(images: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the counts of every check over all strata, and its worst stratum."""
    checks: dict[str, dict[str, Any]] = {}
    for part in images:
        for check, by_stratum in part["checks"].items():
            total = checks.setdefault(
                check, {"compared": 0, "outside": 0, "worst": 0.0, "worst_stratum": ""}
            )
            for stratum, found in by_stratum.items():
                total["compared"] += found["compared"]
                total["outside"] += found["outside"]
                if found["worst"] > total["worst"]:
                    total["worst"], total["worst_stratum"] = found["worst"], stratum
    for total in checks.values():
        total["worst"] = float(f"{total['worst']:.3g}")
    return checks


def _listed(seed: int, failures: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    worst = sorted(failures, key=lambda f: (-f[3], f[0], f[1], f[2]))[:LISTED]
    return [
        _one(seed, number, check) | {"observable": name, "ratio": float(f"{ratio:.3g}")}
        for number, check, name, ratio in worst
    ]


def _one(seed: int, number: int, check: str) -> dict[str, Any]:
    one = draw(seed, number)
    return {
        "number": number,
        "stratum": one.stratum,
        "check": check,
        "command": evaluate_command(one.parameters, one.occupation),
    }
