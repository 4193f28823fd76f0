"""The record of a run: its schema holds what is written, and what is read is what was written."""

import copy
import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given

from tests.validation.records import CASES, OPTIONS, record_of, records, row
from validation.checks import Verdict
from validation.record import (
    SCHEMA_FILE,
    SCHEMA_VERSION,
    RecordError,
    digits_by,
    read_record,
    record_text,
    write_record,
)

SCHEMA = json.loads(SCHEMA_FILE.read_text())

FULL = record_of([row(), row(math.inf, Verdict.DISAGREED, "energy"), row(case=CASES[0])])
"""A record in which every entry that the schema knows has something in it."""


def _objects(schema):
    """Yield the schemas of objects in a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from _objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


def test_the_schema_is_one_and_leaves_nothing_open():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = list(_objects(SCHEMA))
    assert objects
    for found in objects:
        assert "additionalProperties" in found
        if "properties" in found:
            assert found["additionalProperties"] is False
            optional = {"inputs", "bound_states", "command"}
            assert set(found["properties"]) - set(found["required"]) <= optional


@given(records())
def test_a_record_reads_back_equal(tmp_path_factory, record):
    path = tmp_path_factory.mktemp("record") / "record.json"
    write_record(record, path)
    assert read_record(path) == record


def test_the_record_carries_versions_options_and_exact_inputs(tmp_path):
    assert FULL["schema_version"] == SCHEMA_VERSION
    assert FULL["options"] == OPTIONS
    assert {"python", "qbval", "numpy", "sympy", "mpmath"} <= set(FULL["versions"])
    assert FULL["verdict"] == "disagreed"
    (check,) = FULL["checks"]
    assert (check["name"], check["comparisons"], check["disagreed"]) == ("observables", 3, 1)
    (failure,) = check["failures"]
    assert failure["error"] == "inf"
    case = CASES[1]
    assert failure["command"] == case.command()
    for name, value in case.parameters.items():
        assert float.fromhex(failure["inputs"][name]["hex"]) == value
        assert float(failure["inputs"][name]["repr"]) == value


def test_the_record_tells_digits_by_observable_and_regime():
    record = record_of([row(1e-14), row(1e-12, case=CASES[2])])
    regimes = {case.regime for case in CASES[1:3]}
    figures = {"count": 2, "min": 12.0, "median": 13.0}
    assert record["digits_by_observable"] == {"exergy": {"corner": figures}}
    assert set(record["digits_by_regime"]) == regimes
    assert sum(entry["count"] for entry in record["digits"]) == 2
    assert {entry["regime"] for entry in record["digits"]} == regimes
    assert digits_by([], lambda row: row.observable) == {}


def test_of_comparisons_with_one_name_the_worst_is_told():
    found = [row(1e-13), row(1e-11), row(1e-12)]
    assert _result(found) == 1e-11
    assert _result([*found, row(math.inf, Verdict.DISAGREED)]) == "inf"
    assert _result([row(math.nan, Verdict.DISAGREED), row(0.0, Verdict.REFUSED)]) == "refused"
    assert _result([row(0.0, Verdict.CRASHED), row(0.0, Verdict.REFUSED)]) == "crashed"


@pytest.mark.parametrize("number", [float, np.float64])
def test_infinities_and_nan_are_told_as_text(tmp_path, number):
    for error, text in ((math.inf, "inf"), (math.nan, "nan")):
        record = record_of([row(number(error), Verdict.DISAGREED)])
        assert record["checks"][0]["worst_error"] == text
        assert record["checks"][0]["failures"][0]["error"] == text
        assert record["results"]["observables"][CASES[1].slug]["exergy"] == text
        assert read_record(_written(tmp_path, record)) == record


def _result(rows):
    return record_of(rows)["results"]["observables"][CASES[1].slug]["exergy"]


def test_an_interrupted_write_leaves_no_file_behind(tmp_path):
    path = tmp_path / "record.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        write_record({"not json": object()}, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


FULL_TEXT = record_text(FULL)
BAD_FILES = {
    "binary": (b"\x89PNG\r\n\xff", "UTF-8"),
    "empty": (b"", "not JSON"),
    "no JSON": (b"verdict: agreed", "not JSON"),
    "cut short": (FULL_TEXT[:-100].encode(), "not JSON"),
    "nested without end": (b"[" * 100_000, "not JSON"),
    "NaN": (FULL_TEXT.replace('"seconds": 1.5', '"seconds": NaN').encode(), "NaN"),
    "past the doubles": (FULL_TEXT.replace('"seconds": 1.5', '"seconds": 1e999').encode(), "1e999"),
    "a long integer": (FULL_TEXT.replace('"workers": 2', f'"workers": 1{"0" * 400}').encode(),
                       "too large"),
    "a list": (b"[]", "'schema'"),
    "another schema": (b'{"schema": "qbval-reference"}', "'schema'"),
    "another version": (b'{"schema": "qbval-record", "schema_version": 1}', "schema_version 1"),
    "no version": (b'{"schema": "qbval-record"}', "schema_version None"),
    "a true version": (b'{"schema": "qbval-record", "schema_version": true}', "schema_version"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "named"), BAD_FILES.values(), ids=BAD_FILES)
def test_what_is_no_record_is_refused_with_the_reason(tmp_path, content, named):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    _refused(path, named)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    _refused(tmp_path / "missing.json", "No such file")
    _refused(tmp_path, "Is a directory")


def _refused(path, named):
    with pytest.raises(RecordError) as refusal:
        read_record(path)
    message = str(refusal.value)
    assert str(path) in message
    assert named in message
    assert "qbval run" in message
    assert len(message) < 600


def _places(value, at=()):
    """Yield the place of every entry of a record that the schema names."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        yield *at, key
        if isinstance(inner, (dict, list)) and key != "inputs":
            yield from _places(inner, (*at, key))


ROW = ("checks", 0, "worst", 0)
NAMED = [place for place in _places(FULL) if place[0] not in ("schema", "schema_version")]


def _changed(place, change):
    record = copy.deepcopy(FULL)
    inner = record
    for key in place[:-1]:
        inner = inner[key]
    change(inner, place[-1])
    return record


def _written(tmp_path, record):
    path = tmp_path / "record.json"
    write_record(record, path)
    return path


@pytest.mark.parametrize("place", NAMED, ids=lambda place: ".".join(map(str, place)))
def test_an_entry_of_the_wrong_type_is_named(tmp_path, place):
    record = _changed(place, lambda inner, key: inner.__setitem__(key, {"x": [None]}))
    _refused(_written(tmp_path, record), str(place[-1]))


@pytest.mark.parametrize("key", [key for key in SCHEMA["required"] if "schema" not in key])
def test_a_missing_or_an_unknown_key_is_named(tmp_path, key):
    _refused(_written(tmp_path, _changed((key,), dict.pop)), f"'{key}'")
    misspelt = _changed((key,), lambda inner, name: inner.__setitem__(name + "s_", inner[name]))
    _refused(_written(tmp_path, misspelt), f"'{key}s_'")


@pytest.mark.parametrize("key", SCHEMA["$defs"]["row"]["required"])
def test_a_row_without_one_of_its_entries_is_refused(tmp_path, key):
    _refused(_written(tmp_path, _changed((*ROW, key), dict.pop)), f"'{key}'")
