"""How junctions and steady states look: as text, as HTML, of one point and of a million."""

from __future__ import annotations

from types import MappingProxyType
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings

import qbnum
from qbnum._display import end_texts, html_table
from tests.qbnum.strategies import junctions

NAMES = {"Junction": qbnum.Junction, "Lead": qbnum.Lead, "array": np.array}
BOUND = qbnum.Junction.symmetric(level=[0.4, 2.4], bias=0.5)


def cells(html: str) -> list[str]:
    """Return the texts of a table's cells; raises if the HTML is not well-formed."""
    tree = ElementTree.fromstring(f"<div>{html}</div>")
    return ["".join(cell.itertext()) for cell in tree.iter() if cell.tag in ("td", "th")]


@given(junctions())
@settings(max_examples=15)
def test_python_reads_a_junction_back_from_its_text(j: qbnum.Junction) -> None:
    assert eval(repr(j), NAMES) == j
    assert eval(repr(j.left), NAMES) == j.left


def test_python_reads_short_arrays_back_to_the_last_bit() -> None:
    j = qbnum.Junction.symmetric(level=np.array([[0.1], [1 / 3]]), bias=[0.1, 0.2, 0.1 + 0.2])
    assert eval(repr(j), NAMES) == j


def test_long_arrays_are_shown_by_shape_and_range() -> None:
    j = qbnum.Junction.symmetric(level=np.linspace(-0.5, 1.5, 1001), bias=0.5)
    assert "level=<array (1001,): -0.5 ... 1.5>" in repr(j)
    assert len(repr(j)) < 400
    assert "<array (1001,): -0.5 ... 1.5>" in "".join(ElementTree.fromstring(
        f"<div>{j._repr_html_()}</div>").itertext())  # fmt: skip


def test_a_state_shows_each_observable_with_its_error_and_unit() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=0.4, bias=0.5))
    lines = repr(s).splitlines()
    shown = cells(s._repr_html_())
    for name, info in qbnum.OBSERVABLES.items():
        value, error = repr(getattr(s, name)), f"{s.error_estimate[name]:.1g}"
        (line,) = (line for line in lines if line.split()[:1] == [name])
        assert line.split()[-3:] == [value, error, info.unit]
        start = shown.index(name)
        assert shown[start : start + 5] == [name, info.symbol, value, error, info.unit]
    assert "level 0.4, mu_eq 0.1" in repr(s)


def test_an_array_of_states_shows_ranges() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=[0.4, 0.5, 0.6], bias=0.5))
    assert "3 junctions, shape (3,)" in repr(s)
    (line,) = (line for line in repr(s).splitlines() if line.split()[:1] == ["exergy"])
    assert f"{s.exergy.min():.6g}  {s.exergy.max():.6g}" in " ".join(line.split()).replace(
        " ", "  "
    )


def test_what_a_bound_state_leaves_open_is_said_and_no_number() -> None:
    refused = repr(qbnum.steady_state(BOUND.at(1)))
    assert "undefined: the occupation of a bound state" in refused
    (line,) = (line for line in refused.splitlines() if line.split()[:1] == ["exergy"])
    assert line.split()[2] == "undefined"
    masked = qbnum.steady_state(BOUND, bound_states="mask")
    assert "masked: the occupation of a bound state" in repr(masked)
    (row,) = (line for line in repr(masked).splitlines() if line.split()[:1] == ["exergy"])
    # The only value that is not masked is the least and the greatest.
    assert row.split()[2:4] == [f"{masked.exergy[0]:.6g}"] * 2
    assert cells(masked._repr_html_()).count("undefined") == 0


def test_a_million_points_are_shown_without_a_look_at_each() -> None:
    one = qbnum.steady_state(qbnum.Junction.symmetric(level=0.4, bias=0.5))
    level = np.full(1_000_000, 0.4)
    j = qbnum.Junction.symmetric(level=level, bias=0.5)
    values = MappingProxyType({name: np.ma.array(level) for name in qbnum.OBSERVABLES})
    s = type(one)(j, values, values, level, values, MappingProxyType({}))
    assert "first" in repr(s)
    assert len(repr(s)) < 3000
    assert len(s._repr_html_()) < 30_000


def test_no_points_are_shown_too() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=np.empty((0, 2))))
    assert "0 junctions, shape (0, 2)" in repr(s)
    assert len(cells(s._repr_html_())) == 6 * (1 + len(qbnum.OBSERVABLES))


@pytest.mark.parametrize("place", ["caption", "heading", "cell", "note"])
def test_html_is_escaped_everywhere(place: str) -> None:
    texts = dict.fromkeys(("caption", "heading", "cell", "note"), "plain")
    texts[place] = "<script>&"
    html = html_table(
        (texts["caption"], texts["caption"]),
        (texts["heading"],),
        [(texts["cell"],)],
        (texts["note"],),
    )
    ElementTree.fromstring(f"<div>{html}</div>")
    assert "<script>" not in html
    assert "&lt;script&gt;&amp;" in html


def test_html_takes_its_colours_from_the_page() -> None:
    html = qbnum.steady_state(BOUND, bound_states="mask")._repr_html_()
    assert "#" not in html
    assert "background" not in html
    assert " color:" not in html


def test_the_ends_of_an_array_are_its_first_and_its_last_value() -> None:
    assert end_texts(np.array([[1.0, 2.0], [3.0, 4.5]])) == ("1", "4.5")
    assert end_texts(np.ma.array([1.0, 2.0], mask=[False, True])) == ("1", "masked")
