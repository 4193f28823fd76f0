"""All entries that are fuzzed, and their inputs by number."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.fuzz import of_commands, of_files, of_qbnum, of_qbsym, of_validation
from tests.fuzz.judge import Entry

ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for module in (of_qbnum, of_qbsym, of_validation, of_files, of_commands)
    for entry in module.ENTRIES
}

SHARES = {
    "numbers as text": 62,
    "exact_number": 14,
    "Lead": 4,
    "ExactLead": 3,
    "functions of a lead": 2.5,
    "functions of energy": 2.5,
    "Junction.symmetric": 2,
    "ExactJunction": 2,
    "answers": 2,
    "parameter files": 2,
    "comparisons with an enclosure": 1.5,
    "Junction": 1,
    "files of answers": 1,
    "grid_size": 1,
    "transformations of a junction": 0.5,
    "records of runs": 0.5,
    "functions of names": 0.3,
    "limits by name": 0.3,
    "lambdify": 0.3,
    "export of code": 0.3,
    "reference_junctions": 0.3,
    "bound_states": 0.3,
    "reference tables": 0.3,
    "steady_state": 0.2,
    "gradients": 0.1,
    "sweep": 0.1,
    "conversions of a state": 0.06,
    "assert_matches_reference": 0.05,
    "evaluation of closed forms": 0.05,
    "command lines": 0.05,
    "sweep_to_file": 0.03,
    "maximize, minimize": 0.03,
    "reference": 0.03,
    "commands with a file": 0.01,
    "reference_gradient": 0.005,
}
"""Of a campaign's inputs, in about a per cent of them: few where one takes long."""


def example(name: str, number: int) -> Any:
    """Return an entry's input of a number, always the same."""
    return ENTRIES[name].draw(Random(f"{name} {number}"))
