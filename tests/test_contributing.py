"""The contributing guide names files and names in them: all of these exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`((?:\.?\w[\w.-]*/)*\.?\w[\w.-]*)(?:::(\w+))?`")


def named_in(text):
    """Return the (path, name or None) that a text puts in backticks."""
    roots = {path.name for path in ROOT.iterdir()}
    found = {(match[1], match[2]) for match in NAMED.finditer(text)}
    return sorted(
        ((path, name) for path, name in found if "/" in path or name or path in roots),
        key=str,
    )


GUIDE = named_in((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


def holds(path, name):
    """Return whether the file or directory exists and, if a name is given, holds it."""
    place = ROOT / path
    if name is None:
        return place.exists()
    return place.is_file() and re.search(rf"\b{name}\b", place.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("path", "name"), GUIDE, ids=lambda value: value or "file")
def test_what_the_guide_names_exists(path, name):
    assert holds(path, name)


def test_names_are_found_in_the_guide_and_a_wrong_one_would_be_noticed():
    assert ("validation/checks/base.py", "Check") in GUIDE
    assert len(GUIDE) > 40
    assert named_in("see `qbnum/no_such.py::THING` and `np.array`") == [
        ("qbnum/no_such.py", "THING")
    ]
    assert not holds("qbnum/no_such.py", "THING")
    assert not holds("qbnum/model.py", "NoSuchLead")
