"""The benchmark as data: JSON with everything that the tables and the picture show.

May import: numpy, scipy, benchmarks.fast_layer.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from .engines import EXPONENTIALS, LOGARITHMS, engines, node_seconds
from .goals import Goal
from .judging import DIGITS, FALSE
from .measure import RegimeResult, labels
from .profiling import Spent
from .scaling import Scaled

__all__ = ["machine", "record", "to_json"]

FORMAT = 1
PACKAGES = ("numpy", "scipy", "mpmath", "numba")


def machine() -> dict[str, Any]:
    """Return what the times depend on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": load,
        "simd": _simd(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _simd() -> str:
    """Return the widest vector instructions that NumPy uses here; exp and log depend on them."""
    used: Mapping[str, Any] = np.show_config(mode="dicts").get("SIMD Extensions", {})
    names = [*used.get("baseline", ()), *used.get("found", ())]
    return names[-1] if names else "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def record(
    results: Sequence[RegimeResult],
    scaled: Sequence[Scaled],
    goals: Sequence[Goal],
    profiles: Mapping[str, Sequence[Spent]],
    about: Mapping[str, Any],
    *,
    quick: bool,
) -> dict[str, Any]:
    """Return the record; times in seconds, memory in MiB, errors relative."""
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": dict(about),
        "routes": labels(),
        "missing": {e.name: e.missing for e in engines() if e.missing},
        "reference": {"backend": "arb", "digits": DIGITS, "bound_states": "exclude"},
        "silent_beyond": FALSE,
        "node": {
            "exponentials": EXPONENTIALS,
            "logarithms": LOGARITHMS,
            "seconds": node_seconds(),
        },
        "regimes": [_regime(result) for result in results],
        "scaling": [asdict(one) | {"working": one.working} for one in scaled],
        "goals": [asdict(goal) for goal in goals],
        "profile": {engine: [asdict(row) for row in rows] for engine, rows in profiles.items()},
    }


def _regime(result: RegimeResult) -> dict[str, Any]:
    return {
        "name": result.regime.name,
        "group": result.regime.group,
        "text": result.regime.text,
        "sample": list(result.sample),
        "points": result.points,
        "cores": result.cores,
        "nodes": result.nodes,
        "floor_seconds": result.floor,
        "seconds": result.seconds,
        "quad_seconds_of": result.seconds_of,
        "refused": result.refused,
        "speedup": {engine.name: result.speedup(engine.name) for engine in engines()},
        "errors": {route: judged.errors for route, judged in result.judged.items()},
        "claims": {
            route: {"claimed": j.claimed, "silent": j.silent, "integrals": j.answered}
            for route, j in result.judged.items()
            if j.answered
        },
    }


def to_json(data: Mapping[str, Any]) -> str:
    """Return the record as JSON; a figure that is not finite, an error without number, is null."""
    return json.dumps(_finite(data), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
