"""References and enclosures: how they look, what they are handed on as, and when they are equal."""

from __future__ import annotations

import copy
import json
import pickle
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import qbnum
import validation
from validation.backends.features import to_fraction
from validation.enclosure import Enclosure


@pytest.fixture(scope="module")
def found():
    return validation.reference(qbnum.Junction.symmetric(level=0.4, bias=0.5), digits=30)


@pytest.fixture(scope="module")
def refused():
    """A reference whose junction has a bound state of unknown occupation."""
    return validation.reference(qbnum.Junction.symmetric(level=2.4), digits=15)


def encloses(texts, enclosure):
    """Say, in exact arithmetic, whether the texts' interval holds all of the enclosure."""
    gap = abs(Fraction(texts["value"]) - to_fraction(enclosure.mid))
    return gap + to_fraction(enclosure.radius) <= Fraction(texts["radius"])


def cells(html):
    tree = ElementTree.fromstring(f"<div>{html}</div>")
    return ["".join(cell.itertext()) for cell in tree.iter() if cell.tag in ("td", "th")]


def test_a_reference_shows_its_values_their_radii_and_the_junction(found):
    assert repr(found).startswith("Reference, 30 digits, certified by arb\n  level 0.4, mu_eq 0.1")
    shown = cells(found._repr_html_())
    for name, enclosure in found.items():
        value = str(enclosure).partition(" ")[0]
        (line,) = (line for line in repr(found).splitlines() if line.split()[:1] == [name])
        assert line.split()[1] == shown[shown.index(name) + 1] == value


def test_what_has_no_value_is_undefined_and_the_reason_is_given_once(refused):
    (line,) = (line for line in repr(refused).splitlines() if line.split()[:1] == ["exergy"])
    assert line.split() == ["exergy", "undefined"]
    for text in (repr(refused), refused._repr_html_()):
        assert text.count("which the steady state does not fix") == 1
        assert "bound state at 2.41528" in text


def test_an_enclosure_as_html_is_its_text_escaped():
    html = Enclosure(mpf(1) / 3, mpf("1e-12"), mpf(1), True, "<arb>", 12)._repr_html_()
    ElementTree.fromstring(f"<div>{html}</div>")
    assert "0.33333333333 (+- 1.0e-12)" in html
    assert "certified by &lt;arb&gt;" in html


def test_json_holds_every_digit(found, refused):
    data = json.loads(json.dumps(found.to_dict()))
    assert data["parameters"]["level"] == str(Fraction(0.4))
    assert set(data["observables"]) == set(found)
    for name, entry in data["observables"].items():
        assert encloses(entry, found[name])
        assert Fraction(entry["radius"]) < Fraction(entry["absolute_integral"]) / 10**30
    undefined = refused.to_dict()
    assert "bound states" in undefined["undefined"]["exergy"]
    assert float(undefined["bound_states"][0]["energy"]["value"]) == pytest.approx(2.41528103)


@given(
    st.integers(-(10**60), 10**60),
    st.integers(-80, 20),
    st.integers(-90, 30),
    st.integers(5, 60),
)
def test_the_texts_of_an_enclosure_enclose_what_it_encloses(mantissa, scale, size, digits):
    with mp.workdps(80):
        mid, radius = mantissa * mpf(10) ** scale, mpf(10) ** size
    enclosure = Enclosure(mid, radius, abs(mid), digits=digits)
    assert encloses(enclosure.to_dict(), enclosure)


def test_pandas_keeps_all_digits(found):
    frame = found.to_pandas()
    assert list(frame.index) == list(found)
    assert frame.loc["exergy", "value"] == found["exergy"].mid
    assert frame["value"].astype(float)["exergy"] == float(found["exergy"])
    assert (frame.loc["exergy", "unit"], frame.loc["exergy", "equation"]) == ("1", "(13)")
    assert frame["certified"].all()


def test_references_and_enclosures_survive_pickle_and_copy(found, refused):
    for given_ in (found, refused, found["exergy"], refused.bound_states[0], found.junction):
        for again in (pickle.loads(pickle.dumps(given_)), copy.deepcopy(given_)):
            assert again == given_
            assert repr(again) == repr(given_)
    with pytest.raises(validation.BoundStateError, match="occupation"):
        pickle.loads(pickle.dumps(refused))["exergy"]


def test_references_differ_if_a_number_or_a_refusal_does(found, refused):
    assert found != refused
    assert refused != validation.reference(
        qbnum.Junction.symmetric(level=2.4), digits=15, bound_states="exclude"
    )
    assert found != dict(found)
