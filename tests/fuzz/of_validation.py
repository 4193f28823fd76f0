"""The typed entries of `validation`."""

from __future__ import annotations

import contextlib
import functools
from random import Random

import qbnum
import validation
from tests.fuzz.draw import built, fields, just, lists, mapping, one_of, pick, tuples, uniform
from tests.fuzz.judge import Entry
from tests.fuzz.values import (
    DOUBLES,
    TEXTS,
    lead_arguments,
    mostly,
    nasty,
    ordinary,
    plain,
    some,
    text,
)
from validation import exact, metrics, testing
from validation.cases import REGIMES
from validation.references import OBSERVABLES

NUMBERS = mostly(one_of(ordinary, uniform(-2, 2), pick(DOUBLES)))


def exact_number(given) -> None:
    found = exact.exact_number(given)
    assert found.numerator.bit_length() <= exact.MAX_BITS


def exact_lead(given) -> None:
    low, high = validation.ExactLead(**given).band
    assert low < high


def exact_junction(given) -> None:
    how, content = given
    if how == "fields":
        made = validation.ExactJunction(**content)
    else:
        made = getattr(validation.ExactJunction, how)(content)
    assert tuple(made.parameters) == exact.PARAMETERS


LEADS = mostly(built(lambda j: validation.ExactJunction.from_junction(j).left, plain))

PARAMETERS = one_of(
    fields(dict.fromkeys(exact.PARAMETERS, mostly(ordinary))),
    mapping(some(exact.PARAMETERS, text), NUMBERS, 14),
)
TEXT_PARAMETERS = one_of(
    fields(dict.fromkeys(exact.PARAMETERS, mostly(pick(["0.12", "3/25", "0x1p-3", "1e-3"])))),
    mapping(some(exact.PARAMETERS, text), pick(TEXTS), 14),
)

EXACT = one_of(
    tuples(
        just("fields"),
        fields(
            {
                "level": NUMBERS,
                "left": LEADS,
                "right": LEADS,
                "mu_eq": NUMBERS,
                "temperature_eq": NUMBERS,
            }
        ),
    ),
    tuples(just("from_parameters"), mostly(PARAMETERS)),
    tuples(just("from_text"), mostly(TEXT_PARAMETERS)),
    tuples(just("from_junction"), mostly(plain)),
)


BOUND_STATES = mostly(one_of(pick(["error", "exclude", 0.5, 1]), lists(uniform(0, 1), 3)))
NAMES = mostly(lists(mostly(pick(OBSERVABLES)), 2))


def _strange(draw) -> object:
    """Draw arguments of which one at least is likely to be refused: answers take long."""

    def drawn(random: Random):
        given = draw(random)
        key = random.choice(list(given))
        return {**given, key: nasty(random)} if random.randrange(40) else given

    return drawn


REFERENCE = _strange(
    fields(
        {
            "j": plain,
            "digits": pick([5, 10]),
            "observables": NAMES,
            "bound_states": BOUND_STATES,
            "backend": mostly(just("arb")),
        }
    )
)


def reference(given) -> None:
    found = validation.reference(**given)
    for enclosure in found.values():
        assert enclosure.radius >= 0
        assert enclosure.right_digits >= given["digits"] or enclosure.condition > 1
    found.to_dict()
    found.to_pandas()
    assert repr(found)
    assert found._repr_html_()


GRADIENT = _strange(
    fields(
        {
            "junction": plain,
            "digits": just(5),
            "observables": lists(pick(OBSERVABLES), 1),
            "parameters": lists(pick(exact.PARAMETERS), 1),
            "bound_states": BOUND_STATES,
            "backend": mostly(just("arb")),
        }
    )
)


def gradient(given) -> None:
    for enclosure in validation.reference_gradient(**given).values():
        assert enclosure.radius >= 0


@functools.cache
def enclosures() -> tuple[validation.Enclosure, ...]:
    junction = qbnum.Junction.symmetric(level=0.4, bias=0.5)
    return tuple(
        validation.reference(junction, 15, ["exergy", "energy", "spectral_weight"]).values()
    )


def compared(given) -> None:
    which, value, sign_changing = given
    enclosure = enclosures()[which]
    found = metrics.compare(value, enclosure, sign_changing=sign_changing)
    assert found.digits >= 0
    assert found.judged >= 0
    assert str(found)
    enclosure.contains(value)
    enclosure.overlaps(enclosures()[0])
    assert enclosure.to_dict()
    assert enclosure.condition >= 1
    assert enclosure.right_digits >= 0


def chosen(given) -> None:
    for junction in testing.reference_junctions(**given):
        assert junction.id


def asserted(given) -> None:
    value, options = given
    with contextlib.suppress(AssertionError):
        for entry in testing.assert_matches_reference(lambda junction: value, **options):
            assert entry.outcome


CASES = mostly(pick(["weak-1e-6", "level-at-edge", "cold-*"]))

ENTRIES = (
    Entry("exact_number", ("text: numbers",), mostly(NUMBERS), exact_number),
    Entry(
        "ExactLead",
        ("validation.ExactLead", "validation.ExactLead.band"),
        lead_arguments,
        exact_lead,
    ),
    Entry(
        "ExactJunction",
        (
            "validation.ExactJunction",
            *(
                f"validation.ExactJunction.{m}"
                for m in ("parameters", "from_parameters", "from_junction", "from_text")
            ),
        ),
        EXACT,
        exact_junction,
    ),
    Entry(
        "reference",
        ("validation.reference", "validation.Reference.to_dict", "validation.Reference.to_pandas"),
        REFERENCE,
        reference,
    ),
    # Some twenty references make a derivative.
    Entry("reference_gradient", ("validation.reference_gradient",), GRADIENT, gradient, 200),
    Entry(
        "comparisons with an enclosure",
        tuple(
            f"validation.Enclosure.{m}"
            for m in ("contains", "overlaps", "to_dict", "condition", "right_digits")
        ),
        tuples(pick([0, 1, 2]), mostly(NUMBERS), pick([True, False])),
        compared,
    ),
    Entry(
        "reference_junctions",
        ("validation.testing.reference_junctions",),
        fields({"cases": CASES}, {"regime": some(REGIMES)}),
        chosen,
    ),
    Entry(
        "assert_matches_reference",
        ("validation.testing.assert_matches_reference",),
        tuples(
            one_of(nasty, mapping(some(OBSERVABLES, text), NUMBERS, 4)),
            fields(
                {"cases": just("weak-1e-6")},
                {
                    "digits": mostly(uniform(0, 15)),
                    "observables": NAMES,
                    "regime": some(REGIMES),
                    "refusals": mostly(just(KeyError)),
                },
            ),
        ),
        asserted,
    ),
)
