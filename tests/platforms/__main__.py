"""The command: ``write FILE`` and ``compare BASE OTHER ...``."""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def values() -> dict[str, Any]:
    """Return every value of `qbnum` at the cases of the shipped table, and the misses.

    A value misses if it is further from the certified one than its own error estimate: that is
    what "right" means on any platform, whatever the last digit.
    """
    import numpy
    import scipy

    import qbnum
    from tests.shipped import shipped_junctions

    cases, junction, bound_states = shipped_junctions()
    state = qbnum.steady_state(junction, bound_states=bound_states)
    found: dict[str, dict[str, tuple[str, str]]] = {case.slug: {} for case in cases}
    missed = []
    for name in qbnum.OBSERVABLES:
        values, estimates = getattr(state, name).tolist(), state.error_estimate[name].tolist()
        for case, value, estimate in zip(cases, values, estimates, strict=True):
            found[case.slug][name] = value.hex(), estimate.hex()
            enclosure = case.values[name].enclosure
            if abs(value - enclosure.mid) > estimate + enclosure.radius:
                missed.append(f"{case.slug} {name}")
    return {
        "platform": {
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "machine": platform.machine(),
            "libc": " ".join(platform.libc_ver()),
        },
        "missed": missed,
        "values": found,
    }


def ulps(first: float, second: float) -> float:
    """Return the distance of two doubles in units of the last place of the larger."""
    if first == second:
        return 0.0
    return abs(first - second) / math.ulp(max(abs(first), abs(second)))


@dataclass
class Agreement:
    """How the values of one platform differ from those of the base."""

    total: int = 0
    ulps: list[float] = field(default_factory=list)
    worst: float = 0.0
    wrong: list[str] = field(default_factory=list)


def compare(base: dict[str, Any], other: dict[str, Any]) -> Agreement:
    """Return the number of values, the ulps of those that differ, and what is wrong.

    ``worst`` is the largest difference in units of the sum of the pair's two error estimates.
    Wrong is a pair for which it exceeds 1, or a value that only one platform has. Ulps alone are no
    verdict: a current near its zero keeps its absolute accuracy, not its digits.
    """
    found = Agreement()
    for slug, expected in base["values"].items():
        here = other["values"].get(slug, {})
        if here.keys() != expected.keys():
            found.wrong.append(f"{slug}: not the same observables")
        for name in expected.keys() & here.keys():
            (a, a_error), (b, b_error) = (map(float.fromhex, x[name]) for x in (expected, here))
            found.total += 1
            if a != b:
                found.ulps.append(ulps(a, b))
                found.worst = max(found.worst, abs(a - b) / (a_error + b_error))
                if abs(a - b) > a_error + b_error:
                    found.wrong.append(f"{slug} {name}: {a!r} and {b!r}")
    return found


def main() -> int:
    """Run the command; 1 if a value is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("file", type=Path)
    comparing = commands.add_parser("compare")
    comparing.add_argument("base", type=Path)
    comparing.add_argument("others", type=Path, nargs="+")
    given = parser.parse_args()
    if given.command == "write":
        record = values()
        given.file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"{given.file}: {len(record['values'])} cases, {len(record['missed'])} misses")
        return bool(record["missed"])

    base = json.loads(given.base.read_text(encoding="utf-8"))
    shown = Table("python", "numpy", "scipy", "libc", "values", "differ", "by ulps", "by estimate")
    shown.caption = "ulps: the median of those that differ; estimate: the worst; 1 is the limit"
    failures = []
    for path in [given.base, *given.others]:
        other = json.loads(path.read_text(encoding="utf-8"))
        found = compare(base, other)
        there = (other["platform"][key] for key in ("python", "numpy", "scipy", "libc"))
        shown.add_row(
            *there,
            str(found.total),
            str(len(found.ulps)),
            f"{statistics.median(found.ulps or [0.0]):.2g}",
            f"{found.worst:.2g}",
        )
        failures += [f"{path.name}: {text}" for text in [*other["missed"], *found.wrong]]
    Console().print(shown)
    print("\n".join(failures[:20]))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
