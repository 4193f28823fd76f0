"""The pages of derivations: each derivation of the catalogue has exactly one home among them."""

import re
from collections import Counter
from pathlib import Path

import qbsym

PAGES = Path(__file__).resolve().parent.parent / "docs" / "explanation"
BLOCK = re.compile(r"^```\{derivations\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
KNOWN = {derivation.name for derivation in qbsym.derivations()}


def blocks():
    """Return the (names, whether it is an excerpt) of every directive on the pages."""
    found = []
    for page in sorted(PAGES.rglob("*.md")):
        for content in BLOCK.findall(page.read_text(encoding="utf-8")):
            lines = [line for line in content.split("\n") if line]
            names = [line for line in lines if not line.startswith(":")]
            found.append((names, ":excerpt:" in lines))
    return found


def test_each_derivation_has_one_home():
    homes = Counter(name for names, excerpt in blocks() if not excerpt for name in names)
    assert homes == dict.fromkeys(KNOWN, 1)


def test_an_excerpt_shows_what_there_is():
    excerpts = [name for names, excerpt in blocks() if excerpt for name in names]
    assert excerpts
    assert set(excerpts) <= KNOWN


def test_a_reference_to_a_derivation_names_one():
    labels = {"derivation-" + name.replace("_", "-") for name in KNOWN}
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.rglob("*.md"))
    referred = set(re.findall(r"\{ref\}`(derivation-[\w-]+)`", text))
    assert referred
    assert referred <= labels
