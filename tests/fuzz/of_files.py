"""The entries that read text: numbers, parameter files, records, reference tables, answers."""

from __future__ import annotations

import atexit
import functools
import json
import os
import tempfile
from pathlib import Path

from tests.fuzz.bytes import ODD, documents, files
from tests.fuzz.draw import lists, one_of, pick, tuples
from tests.fuzz.judge import Entry
from tests.fuzz.values import TEXTS, text
from tests.validation.records import OPTIONS, record_of, row
from validation import compare, exact, parameters, record, reference_table
from validation.conformance import protocol, scoring, thresholds
from validation.references import OBSERVABLES

ROOT = Path(__file__).resolve().parents[2]

NUMBERS = (b"0.12", b"-1e-3", b"3/25", b"0x1.8p-4", b"+1_000.5e10", b"0X.8P1")


def number(given: bytes | str) -> None:
    found = exact.parse_number(given if isinstance(given, str) else given.decode("latin-1"))
    assert abs(found.numerator).bit_length() < 10**6
    assert found.denominator.bit_length() < 10**6


@functools.cache
def place() -> Path:
    """The file of this process."""
    path = Path(tempfile.gettempdir(), f"qbval-fuzz-{os.getpid()}")
    atexit.register(path.unlink, missing_ok=True)
    return path


def file_of(content: bytes) -> Path:
    place().write_bytes(content)
    return place()


@functools.cache
def toml_files() -> tuple[bytes, ...]:
    more = (
        b'level = "-1:1"\nbias = [0, 1]\nmaximize = "exergy"\npoints = 100\nbound_state = 0.5\n',
        b"level = 0.4\ninitial = 0.5\ntimes = 20\nbound_state = [0.3, 0.7]\ndigits = 50\n",
        b'level = "log:0.1:1:5"\nzip = [["level", "left.mu"]]\n[left]\nmu = [1, 2, 3, 4, 5]\n',
    )
    return (*(path.read_bytes() for path in sorted((ROOT / "examples").glob("*.toml"))), *more)


def parameter_file(given: tuple[str, bytes]) -> None:
    command, content = given
    for name, value in parameters.read_parameters(file_of(content), command).items():
        assert isinstance(name, str)
        assert isinstance(value.given, str) or all(isinstance(v, str) for v in value.given)


@functools.cache
def records() -> tuple[dict, ...]:
    rows = [row(), row(observable="energy", error=0.0), row(verdict=record.Verdict.REFUSED)]
    made = (record_of(rows), record_of(rows[:1], OPTIONS | {"seed": 4}))
    return tuple(json.loads(record.record_text(one)) for one in made)


def run_record(content: bytes) -> None:
    found = record.read_record(file_of(content))
    for other in records():
        compare.compare(found, other)
        compare.compare(other, found)
    record.record_text(found)


@functools.cache
def tables() -> tuple[dict, ...]:
    shipped = json.loads((reference_table.table.DATA / "reference.json").read_text("utf-8"))
    with_bound_states = next(case for case in shipped["cases"] if case["bound_states"])
    return tuple(
        {**shipped, "cases": [case]} for case in (*shipped["cases"][1:4:2], with_bound_states)
    )


def table(content: bytes) -> None:
    found = reference_table.load_table(file_of(content))
    for case in found.cases:
        assert case.junction.parameters
        protocol.input_line(case)
        for value in case.values.values():
            assert value.enclosure.radius >= 0
        answer = protocol.Answer(case.slug, dict.fromkeys(OBSERVABLES, 0.5))
        judged(scoring.score([case], {case.slug: answer}, OBSERVABLES))
    assert found.by_slug
    reference_table.table.table_json(found)
    reference_table.table.cases_csv(found)
    reference_table.table.values_csv(found)


def judged(scores) -> None:
    assert all(entry.digits >= 0 for entry in scores)
    scoring.summarise(scores, lambda entry: (entry.observable,))
    thresholds.requirements(scores, (), thresholds.Thresholds())


@functools.cache
def answers() -> tuple[dict, ...]:
    values = {name: 0.25 * k for k, name in enumerate(OBSERVABLES)}
    texts = {name: TEXTS[k] for k, name in enumerate(OBSERVABLES)}
    slug = reference_table.load_table().cases[1].slug
    return (
        {"id": slug, "values": values},
        {"id": slug, "values": texts, "error_estimates": values},
        {"id": slug, "error": "no"},
        {"id": slug, "values": dict(zip(OBSERVABLES, ODD, strict=False)), "error_estimates": texts},
    )


def answer(content: bytes) -> None:
    found = protocol.parse_answer(content.decode("utf-8", "surrogateescape"))
    case = reference_table.load_table().cases[1]
    judged(scoring.score([case], {case.slug: found}, OBSERVABLES))


def results_file(lines: list[bytes]) -> None:
    decoded = [line.decode("utf-8", "replace") for line in lines]
    found = protocol.read_answers(decoded, set(reference_table.load_table().by_slug))
    assert len(found.outcomes) + len(found.failures) + len(found.unknown) <= len(lines)


ENTRIES = (
    Entry(
        "numbers as text",
        ("text: numbers",),
        one_of(files(lambda: NUMBERS), pick(TEXTS), text),
        number,
    ),
    Entry(
        "parameter files",
        ("file: TOML of evaluate, sweep, optimize, charging",),
        tuples(pick(["evaluate", "sweep", "optimize", "charging"]), files(toml_files)),
        parameter_file,
    ),
    Entry("records of runs", ("file: record of a run",), documents(records), run_record),
    Entry("reference tables", ("file: reference table",), documents(tables), table),
    Entry("answers", ("file: answers of another program",), documents(answers), answer),
    Entry("files of answers", ("file: answers, many",), lists(documents(answers), 4), results_file),
)
