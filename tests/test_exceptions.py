"""Errors travel between processes: pickled and copied they say the same."""

from __future__ import annotations

import copy
import importlib
import pickle
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _errors() -> list[type[Exception]]:
    found = []
    for package in ("qbnum", "qbsym", "validation"):
        for path in sorted((ROOT / package).rglob("*.py")):
            names = re.findall(r"^class (\w+Error)\(", path.read_text(encoding="utf-8"), re.M)
            if names:
                parts = path.relative_to(ROOT).with_suffix("").parts
                module = importlib.import_module(".".join(p for p in parts if p != "__init__"))
                found += [getattr(module, name) for name in names]
    return found


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_an_error_survives_pickle_and_copy(kind: type[Exception]) -> None:
    error = kind("level = nan is not finite; give a number")
    error.__dict__.update({name: f"the {name}" for name in vars(error)})
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(again) is kind
        assert str(again) == str(error) == "level = nan is not finite; give a number"
        assert again.args == error.args
        assert vars(again) == vars(error)
