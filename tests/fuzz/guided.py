"""Guided by coverage: ``python -m tests.fuzz.guided answers -runs=100000``.

Atheris changes bytes so that the parsers' own code, instrumented as it is imported, is reached
further each time. What follows the name goes to libFuzzer; it stops at the first find and writes
the input beside it. Needs ``pip install atheris``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["validation", "tomllib", "jsonschema", "fractions"]):
    from tests.fuzz import of_files
    from tests.fuzz.judge import Entry, judge, watched


def _documents(valid) -> list[bytes]:
    return [json.dumps(data).encode() for data in valid()]


READERS = {
    "numbers": (of_files.number, lambda: list(of_files.NUMBERS)),
    "parameters": (lambda b: of_files.parameter_file(("sweep", b)), of_files.toml_files),
    "records": (of_files.run_record, lambda: _documents(of_files.records)),
    "tables": (of_files.table, lambda: _documents(of_files.tables)),
    "answers": (of_files.answer, lambda: _documents(of_files.answers)),
}
"""What reads bytes, and the valid files to begin with."""


def main() -> None:
    """Fuzz the reader that the first argument names."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in READERS:
        sys.exit(f"give one of {', '.join(READERS)}")
    call, valid = READERS[name]
    entry = Entry(name, (), lambda random: b"", call)

    def one(data: bytes) -> None:
        judge(entry, data)

    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(valid()):
            Path(corpus, str(number)).write_bytes(content)
        atheris.Setup([sys.argv[0], *arguments, corpus], one)
        with watched():
            atheris.Fuzz()


if __name__ == "__main__":
    main()
