"""The documentation's cheap promises; the site itself is built by `.ci/run`, warnings as errors."""

import doctest
import importlib
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

# What `{include}`s a file of the root takes its links from there.
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\((?!https?:)([^)#\s]+)(#[^)\s]*)?\)")
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)

WITH_EXAMPLES = [
    module
    for package in ("qbsym", "qbnum", "validation")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
    for module in [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")]
]


def listed(page: Path) -> list[Path]:
    """Return the pages that the toctrees of a page name."""
    return [
        (page.parent / f"{line.strip()}.md").resolve()
        for block in TOCTREE.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.strip() and not line.startswith(":")
    ]


def test_every_page_is_in_exactly_one_toctree() -> None:
    named = [page for parent in PAGES for page in listed(parent)]
    assert sorted(named) == [page for page in PAGES if page != DOCS / "index.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = [target for target, _ in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("package", ["qbsym", "qbnum", "validation"])
def test_the_reference_has_every_public_name_once(package: str) -> None:
    page = (DOCS / "reference" / f"{package}.md").read_text(encoding="utf-8")
    described = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+)$", page, re.MULTILINE)
    names = [name.removeprefix(f"{package}.") for name in described]
    public = importlib.import_module(package).__all__
    assert sorted(name for name in names if name in public) == sorted(public)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_docstrings_print_what_they_say(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert outcome.attempted
    assert not outcome.failed


def test_the_citation_names_the_version_and_the_licence_of_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"] == version("qbval")
    assert citation["license"] == project["license"]
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in project["authors"]
    ]
