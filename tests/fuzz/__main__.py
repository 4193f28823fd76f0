"""The campaign: ``python -m tests.fuzz --inputs 1000000``, in parts that stand for themselves.

Each part is a process of its own, so that one that is killed or aborts takes nothing along, and
the same call goes on after the last part that was finished. An input is its entry and its number.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.fuzz.entries import ENTRIES, SHARES, example
from tests.fuzz.judge import judge, watched

ROOT = Path(__file__).resolve().parents[2]

PART = 50_000
"""Inputs of one part."""

MOST_FINDS = 20
"""Of one part; of each kind, by what was raised and where, the first."""


def part(name: str, start: int, stop: int, place: Path | None = None) -> dict[str, object]:
    """Judge the inputs of a range of numbers, and return how they ended.

    ``place`` gets the number of the input that is under way, for when this process does not end.
    """
    counts: Counter[str] = Counter()
    finds: dict[str, str] = {}
    begun = time.process_time()
    with watched():
        for number in range(start, stop):
            if place is not None and number % 50 == 0:
                place.write_text(str(number))
            value = example(name, number)
            counts["inputs"] += 1
            try:
                counts[judge(ENTRIES[name], value)] += 1
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # whatever it is, it is a find
                counts["finds"] += 1
                told = _told(error)
                if len(finds) < MOST_FINDS:
                    finds.setdefault(told, f"{told}\n  input {number}: {_repr(value)}")
    seconds = time.process_time() - begun
    return {**counts, "kinds": list(finds.values()), "seconds": round(seconds, 2)}


def _repr(value: object) -> str:
    try:
        return repr(value)[:600]
    except ValueError:
        return "of too many digits"


def _told(error: BaseException) -> str:
    """Say what was raised and where in the project."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename]
    places = [f"  {Path(f.filename).relative_to(ROOT)}:{f.lineno} {f.line}" for f in frames[-3:]]
    message = re.sub(r"[0-9]+", "N", str(error))[:120]
    return "\n".join([f"{type(error).__name__}: {message}", *places])


def main() -> int:
    """Run the parts that are missing and print what came of all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all")
    parser.add_argument("--entry", action="append", choices=ENTRIES, help="only these")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--record", type=Path, default=Path("fuzz.jsonl"), help="what is kept")
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.entry or list(SHARES)
    if options.part is not None:
        place = options.record.with_suffix(".place")
        stop = options.part + options.inputs
        print(json.dumps(part(names[0], options.part, stop, place)))
        return 0
    total = sum(SHARES[name] for name in names)
    lines = options.record.read_text().splitlines() if options.record.exists() else []
    done = {(line["entry"], line["first"]): line for line in map(json.loads, lines)}
    for name in names:
        wanted = round(options.inputs * SHARES[name] / total)
        for first in range(options.first, options.first + wanted, PART):
            if (name, first) not in done:
                inputs = min(PART, options.first + wanted - first)
                done[name, first] = _run(name, first, inputs, options.record)
                with options.record.open("a") as file:
                    file.write(json.dumps(done[name, first]) + "\n")
        _report(name, [line for (entry, _), line in done.items() if entry == name])
    finds = sum(line.get("finds", 0) for line in done.values())
    print(f"{sum(line['inputs'] for line in done.values())} inputs, {finds} finds")
    return 1 if finds else 0


def _run(name: str, first: int, inputs: int, record: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.fuzz", "--entry", name, "--part", str(first)]
    command += ["--inputs", str(inputs), "--record", str(record)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = {"entry": name, "first": first}
    if done.returncode == 0:
        return line | json.loads(done.stdout.splitlines()[-1])
    near = record.with_suffix(".place").read_text()
    told = (
        f"exit code {done.returncode} at input {near} or up to 49 after it\n{done.stderr[-1500:]}"
    )
    return line | {"inputs": int(near) - first, "finds": 1, "kinds": [told], "seconds": 0.0}


def _report(name: str, lines: list[dict]) -> None:
    keys = ("inputs", "answered", "refused", "finds")
    sums = {key: sum(line.get(key, 0) for line in lines) for key in keys}
    seconds = sum(line["seconds"] for line in lines)
    counted = ", ".join(f"{sums[key]:7} {key}" for key in keys)
    print(f"{name:32} {counted}, {seconds:6.0f} s of a processor", flush=True)
    for told in dict.fromkeys(kind for line in lines for kind in line["kinds"]):
        print(told)


if __name__ == "__main__":
    sys.exit(main())
