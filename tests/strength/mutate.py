"""Mutation testing of the packages: do the tests notice when the code is wrong?

    python -m tests.strength.mutate run RESULTS.jsonl [--sample N] [--seed N] [--only MODULE]
                                                      [--workers N]
    python -m tests.strength.mutate table RESULTS.jsonl ...

The mutants are Cosmic Ray's (`pip install cosmic-ray`): its operators make them, `OPERATORS` says
which. Each is planted in memory into a process of its own, which is forked from one that has loaded
the third-party packages but nothing of this project, so that no cache outlives a mutant and no file
is altered. There the tests of `SUITES` run until one fails. A run that was interrupted is resumed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.strength.planting import FORK, ROOT, load_packages, path_of, plant
from tests.strength.suites import SUITES

OPERATORS = re.compile(
    "core/("
    "ReplaceBinaryOperator_("
    "Add_Sub|Sub_Add|Mul_Div|Div_Mul|Pow_Mul|FloorDiv_Div|Mod_FloorDiv|BitOr_BitAnd|BitAnd_BitOr)"
    "|ReplaceComparisonOperator_("
    "Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_GtE|LtE_Gt|Gt_LtE|GtE_Lt|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)"
    "|ReplaceUnaryOperator_Delete_(USub|Not|Invert)"
    "|AddNot|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceAndWithOr|ReplaceOrWithAnd"
    "|ReplaceBreakWithContinue|ReplaceContinueWithBreak|NumberReplacer|ZeroIterationForLoop)"
)
"""One or two wrong operators for each right one: all of them would be ten times as many mutants,
of which most fail in the same way."""

SECONDS = 40
"""Processor time that the tests of one mutant may take, more than twice what any suite takes."""

PATIENCE = 30
"""On a busy machine processor time takes that much longer at most; and a mutant may sleep."""

VERDICTS = Path(__file__).with_name("survivors.toml")
"""What was found when the survivors were looked at."""

MEMORY = 8 * 2**30

EXAMPLES = 6
"""Junctions drawn for each property: a mutant that needs more is looked at by hand."""


Position: TypeAlias = tuple[int, int]
Key: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True)
class Place:
    """One possible change: the n-th place of a module where an operator applies."""

    module: str
    operator: str
    occurrence: int
    line: int
    function: str

    @property
    def key(self) -> Key:
        return self.module, self.operator, self.occurrence


def _annotations(source: str) -> list[tuple[Position, Position]]:
    """Return where the annotations stand, which mean nothing when the program runs."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((a.lineno, a.col_offset), (a.end_lineno or a.lineno, a.end_col_offset or 0))
        for a in found
        if a is not None
    ]


def places(module: str) -> list[Place]:
    """Return every place of a module where an operator applies, annotations left out."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.ast.ast_query import ASTQuery
    from cosmic_ray.plugins import get_operator, operator_names

    source = path_of(module).read_text(encoding="utf-8")
    nodes, annotations = list(ast_nodes(get_ast(source))), _annotations(source)
    found = []
    for name in filter(OPERATORS.fullmatch, sorted(operator_names())):
        operator = get_operator(name)()
        here = ((n, start) for n in nodes for start, _ in operator.mutation_positions(n))
        for occurrence, (node, start) in enumerate(here):
            if not any(a <= start < b for a, b in annotations):
                function = ASTQuery(node).get_definition_name() or ""
                found.append(Place(module, name, occurrence, start[0], function))
    return found


def mutated(place: Place) -> str:
    """Return the module's source with the change at this place."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    source = path_of(place.module).read_text(encoding="utf-8")
    return str(mutate_code(source, get_operator(place.operator)(), place.occurrence))


def _child(module: str, source: str, tests: tuple[str, ...], log: Path) -> None:
    """Run the tests against a mutant; exit with 0 if they pass."""
    import pytest
    from hypothesis import HealthCheck, Phase, settings

    os.setsid()  # with the processes that the tests start
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    plant({module: source})
    # A failure need not be made small.
    settings.register_profile(
        "mutants",
        phases=(Phase.explicit, Phase.generate),
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    os.environ["QBVAL_HYPOTHESIS_PROFILE"] = "mutants"
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-x", "-q", "-rfE", "--tb=no", "-o", "addopts="]
    if not all("[" in test for test in tests):  # single cases are meant, slow or not
        options += ["-m", "not slow and not deep"]
    quiet = ["-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    sys.exit(pytest.main([*options, *quiet, *tests]))


def _killer(log: Path) -> str:
    """Return the test that failed, or the last line of what came."""
    lines = log.read_text(errors="replace").splitlines()
    failed = [line.split()[1] for line in lines if re.match("(FAILED|ERROR) ", line)]
    return failed[0] if failed else (lines or [""])[-1]


def judge(module: str, source: str, tests: tuple[str, ...]) -> dict[str, object]:
    """Return the outcome (killed, timeout, survived), the killer and the seconds."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        child = FORK.Process(target=_child, args=(module, source, tests, log))
        child.start()
        try:
            child.join(PATIENCE * SECONDS)
        finally:  # no more than a formality, unless it sleeps or left something behind
            with suppress(ProcessLookupError):
                os.killpg(child.pid or 0, signal.SIGKILL)
            child.join()
        outcomes = {0: "survived", -signal.SIGXCPU: "timeout", -signal.SIGKILL: "timeout"}
        outcome = outcomes.get(child.exitcode, "killed")
        killer = _killer(log) if outcome == "killed" else ""
    return {
        "outcome": outcome,
        "killer": killer,
        "seconds": round(time.monotonic() - started, 2),
    }


def records(path: Path) -> dict[Key, dict[str, Any]]:
    """Return what a file of results says last of each mutant."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    read = (json.loads(line) for line in lines)
    return {(r["module"], r["operator"], r["occurrence"]): r for r in read}


def draw(modules: Iterable[str], sample: int, seed: int) -> list[tuple[Place, int]]:
    """Return a sample of each module's places, every module's in turn, and how many it has."""
    chosen: list[tuple[float, Place, int]] = []
    for module in modules:
        every = places(module)
        drawn = random.Random(f"{seed} {module}").sample(every, min(sample, len(every)))
        chosen += [(i / len(drawn), place, len(every)) for i, place in enumerate(drawn)]
    return [(place, total) for _, place, total in sorted(chosen, key=lambda entry: entry[0])]


def _tests_of(module: str, stage: str) -> tuple[str, ...]:
    return SUITES[module].quick if stage == "quick" else SUITES[module].others


def _require_sound(module: str, tests: tuple[str, ...]) -> None:
    """Refuse tests that the right code does not pass."""
    verdict = judge(module, path_of(module).read_text(encoding="utf-8"), tests)
    if verdict["outcome"] != "survived":
        raise RuntimeError(f"the right code does not pass {tests}: {verdict}")


def _record(place: Place, total: int, stage: str) -> dict[str, object]:
    """Return what is kept of a mutant after these tests."""
    source = mutated(place)
    texts = path_of(place.module).read_text(encoding="utf-8"), source
    # A statement may go on over lines, and the change be in one of those.
    pairs = list(zip(*(text.splitlines() for text in texts), strict=False))
    before, after = next((p for p in pairs if len(set(p)) > 1), pairs[place.line - 1])
    lines = {"before": before.strip(), "after": after.strip()}
    about = asdict(place) | {"of": total} | lines | {"stage": stage}
    return about | judge(place.module, source, _tests_of(place.module, stage))


def campaign(results: Path, drawn: list[tuple[Place, int]], workers: int = 1) -> None:
    """Judge these mutants: all by the quick tests, then the survivors by the others."""
    load_packages()
    os.chdir(ROOT)
    with ProcessPoolExecutor(workers, mp_context=FORK) as pool:
        for stage in ("quick", "others"):
            known = records(results)
            todo = []
            for place, total in drawn:
                old = known.get(place.key)
                done = old and (old["outcome"] != "survived" or stage in ("quick", old["stage"]))
                if not done and _tests_of(place.module, stage):
                    todo.append((place, total, stage))
            suites = {_tests_of(place.module, stage): place.module for place, _, _ in todo}
            list(pool.map(_require_sound, suites.values(), suites))
            for record in pool.map(_record, *zip(*todo, strict=True)) if todo else ():
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")


UNSEEN = {
    "quick": "Only the quick tests have judged it.",
    "others": "It passes all tests that judge; not looked at.",
}


def _survivors(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| survivor | before | after | verdict | why |", "|---" * 5 + "|"]
    for where, before, after, verdict, why in rows:
        code = " | ".join(f"`{line}`".replace("|", "\\|") for line in (before, after))
        lines.append(f"| {where} | {code} | {verdict} | {why} |")
    return lines


def table(found: Iterable[Mapping[str, Any]]) -> str:
    """Return the results by module and the survivors with their verdicts, as Markdown."""
    verdicts = {
        (v["module"], v["before"], v["after"]): v
        for v in tomllib.loads(VERDICTS.read_text(encoding="utf-8"))["survivor"]
    }
    counted: dict[str, Counter[str]] = {}
    totals: dict[str, int] = {}
    left: list[tuple[Mapping[str, Any], str, str]] = []
    for record in found:
        module, outcome = record["module"], record["outcome"]
        if outcome == "survived":
            verdict = verdicts.get((module, record["before"], record["after"]), {})
            outcome = verdict.get("verdict", "open")
            left.append((record, outcome, verdict.get("why", UNSEEN[record["stage"]])))
        counted.setdefault(module, Counter())[outcome] += 1
        totals[module] = record["of"]
    columns = ("killed", "timeout", "killed since", "equivalent", "harmless", "open")
    lines = [
        "| module | places | sample | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 3) + "|",
    ]
    counts_of = [(m, totals[m], counted[m]) for m in sorted(counted)]
    counts_of.append(("all", sum(totals.values()), sum(counted.values(), Counter())))
    for module, total, counts in counts_of:
        numbers = (total, counts.total(), *(counts[column] for column in columns))
        lines.append(f"| {module} | " + " | ".join(map(str, numbers)) + " |")
    rows = [
        (f"{r['module']} {r['function']}".strip(), r["before"], r["after"], verdict, why)
        for r, verdict, why in sorted(left, key=lambda e: (e[0]["module"], e[0]["line"]))
    ]
    lines += ["", *_survivors(rows)]
    shown = {(r["module"], r["before"], r["after"]) for r, _, _ in left}
    earlier = [(*key, v["verdict"], v["why"]) for key, v in verdicts.items() if key not in shown]
    if earlier:
        lines += ["", "Survivors of earlier samples:", "", *_survivors(sorted(earlier))]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="judge a sample of the mutants, or go on with it")
    command.add_argument("results", type=Path, help="a file of JSON lines")
    command.add_argument("--sample", type=int, default=10**6, help="mutants of each module")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--workers", type=int, default=1, help="processes")
    command.add_argument("--only", action="append", default=[], help="a module")
    command = commands.add_parser("table", help="print the tables of mutants.md")
    command.add_argument("results", type=Path, nargs="+")
    given = parser.parse_args()
    if given.command == "run":
        drawn = draw(given.only or SUITES, given.sample, given.seed)
        campaign(given.results, drawn, given.workers)
    else:
        print(table([record for path in given.results for record in records(path).values()]))


if __name__ == "__main__":
    main()
