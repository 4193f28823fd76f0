"""The report in a real browser, from disk: it renders, fetches nothing, and its tools work."""

import shutil
from dataclasses import replace

import pytest

from tests.validation.records import CASES, record_of, row
from validation.checks import Verdict
from validation.report import write_report

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

CHROMIUM = shutil.which("chromium")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a run of two checks, with a disagreement, without what is computed for it."""
    rows = [
        *(row(4e-15, case=case) for case in CASES),
        *(row(3e-16, observable="entropy", case=case) for case in CASES),
        row(2e-9, Verdict.DISAGREED, observable="energy", value="<b>0.5</b>"),
        replace(row(0.0, case=CASES[2]), check="bounds", tolerance=0.0),
    ]
    return write_report(
        record_of(rows), tmp_path_factory.mktemp("report"), paper=False, figures=False
    )


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def visit(browser):
    """Open a page; what it asked for and complained of is kept in ``asked`` and ``complaints``."""
    contexts = []

    def opened(path, **options):
        context = browser.new_context(**({"viewport": WIDE} | options))
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def test_the_page_renders_from_disk_asks_for_nothing_else_and_complains_of_nothing(report, visit):
    page = visit(report)
    assert page.locator("h1").inner_text() == "Cross-validation of a quantum battery"
    assert "DISAGREED" in page.locator("#verdict").inner_text()
    assert "<b>0.5</b>" in page.locator("#failures").inner_text()
    assert page.asked == [report.as_uri()]
    assert page.complaints == []


def test_every_link_within_the_page_leads_somewhere_and_the_record_is_beside_it(report, visit):
    page = visit(report)
    links = page.eval_on_selector_all("a", "links => links.map(a => a.getAttribute('href'))")
    inner = [link for link in links if link.startswith("#")]
    assert len(inner) > 5
    assert all(page.locator(link).count() == 1 for link in inner)
    assert {link for link in links if link not in inner} == {"record.json"}
    assert report.with_name("record.json").is_file()


def test_the_filter_leaves_the_checks_that_have_every_word(report, visit):
    page = visit(report)
    rows = page.locator("#checks tbody tr:visible")
    assert rows.count() == 2
    page.get_by_label("Filter").fill("Invariant BOUNDS")
    assert rows.count() == 1
    assert "bounds" in rows.first.inner_text()
    assert page.locator("#checks-count").inner_text() == "1 of 2 shown"
    page.get_by_label("Filter").fill("")
    assert rows.count() == 2


def test_a_command_is_copied_as_it_can_be_pasted(report, visit):
    page = visit(report, permissions=["clipboard-read", "clipboard-write"])
    command = page.locator("#failures .command").first
    command.get_by_role("button").click()
    sync_api.expect(command.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == CASES[1].command()


def test_nothing_is_missing_without_scripts(report, visit):
    page = visit(report, java_script_enabled=False)
    assert page.locator("#checks tbody tr:visible").count() == 2
    assert page.locator("input:visible").count() == page.locator("button:visible").count() == 0


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_the_body_does_not_scroll_sideways(report, visit, viewport):
    page = visit(report, viewport=viewport)
    page.eval_on_selector_all("details", "all => all.forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_digits_stand_out_of_their_background(report, visit, scheme):
    page = visit(report, color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (_luminance(background) < 0.5) == (scheme == "dark")
    for colour, behind in page.evaluate(COLOURS):
        lighter, darker = sorted((_luminance(colour), _luminance(behind)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (colour, behind)


COLOURS = """() => {
  const clear = "rgba(0, 0, 0, 0)", pairs = new Set();
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    let behind = element;
    while (behind.parentElement && getComputedStyle(behind).backgroundColor === clear)
      behind = behind.parentElement;
    pairs.add(JSON.stringify(
      [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]));
  }
  return [...pairs].map(JSON.parse);
}"""
"""The colours of all text with what is behind it."""


def _luminance(colour):
    """Return the relative luminance of ``rgb(r, g, b)``, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_it_prints(report, visit):
    page = visit(report)
    page.emulate_media(media="print")
    assert page.locator("button:visible").count() == page.locator("nav:visible").count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert page.complaints == []
