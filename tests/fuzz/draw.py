"""Generators of inputs: functions of a `random.Random`, and how they are put together.

A plain ``Random`` of a seed draws a million of them in minutes; hypothesis's ``randoms()`` makes
each drawing a choice of its own, which it can shrink. So both use the same definitions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, TypeAlias

Draw: TypeAlias = Callable[[Random], Any]


def just(value: Any) -> Draw:
    """Always this."""
    return lambda random: value


def pick(values: Iterable[Any]) -> Draw:
    """One of these."""
    known = tuple(values)
    return lambda random: known[random.randrange(len(known))]


def uniform(low: float, high: float) -> Draw:
    """A double between two."""
    return lambda random: random.uniform(low, high)


def double(random: Random) -> float:
    """A double of any bits: of any scale, not a number, infinite."""
    return struct.unpack("d", random.getrandbits(64).to_bytes(8, "little"))[0]


def one_of(*draws: Draw) -> Draw:
    """What one of these draws."""
    return lambda random: draws[random.randrange(len(draws))](random)


def built(function: Callable[..., Any], *draws: Draw) -> Draw:
    """What a function makes of what these draw."""
    return lambda random: function(*[draw(random) for draw in draws])


def tuples(*draws: Draw) -> Draw:
    """One of each."""
    return lambda random: tuple([draw(random) for draw in draws])


def lists(draw: Draw, most: int, least: int = 0) -> Draw:
    """Several of one kind."""
    return lambda random: [draw(random) for _ in range(random.randint(least, most))]


def mapping(keys: Draw, values: Draw, most: int, least: int = 0) -> Draw:
    """A dictionary."""
    pairs = lists(tuples(keys, values), most, least)
    return lambda random: dict(pairs(random))


def fields(given: Mapping[str, Draw], optional: Mapping[str, Draw] = {}) -> Draw:
    """A dictionary with these keys, and perhaps the optional ones."""

    def draw(random: Random) -> dict[str, Any]:
        found = {name: value(random) for name, value in given.items()}
        for name, value in optional.items():
            if random.randrange(2):
                found[name] = value(random)
        return found

    return draw
