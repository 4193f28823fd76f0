"""Valid files, and what becomes of them under mutation: of bytes, of lines, of the data in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzz.draw import Draw

TOKENS = (
    b"NaN", b"Infinity", b"-", b"1e999999999", b"1e400", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000,
    b'"', b"'", b"\\ud800", b"\\", b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"null", b"true",
    b"{}", b"[]", b",", b":", b"=", b"#", b"0x1p-3", b"1979-05-27T07:32:00Z", b"[left]",
    b"[[left]]",
    b'"""', b"1_000", b"+inf", b"-0.0", b"\xe2\x80\xae", b"a.b.c = 1\n", b"0" * 3000,
)  # fmt: skip
"""What parsers trip over."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, 10**400, -0.0, 0.5, 1e308, 5e-324, "", "x", "nan",
    "1e999999999", "1/0", "0x1p99999", "9" * 5000, "1" * 300, "\0", "\ud800", "{", [], {},
    [[]], [None], {"": ""},
    ["x"] * 40, "-1", "__proto__", "constructor", "<script>", "[red]", "\x1b[31m",
    "../../etc/passwd",
)  # fmt: skip
"""What data does not hold, or hardly."""


def mutated(random: Random, given: bytes) -> bytes:
    """Return bytes with up to four pieces replaced, doubled, cut or put in."""
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(given) + 1)
        end = min(len(given), at + random.choice((1, 1, 3, 20)))
        piece = random.choice(
            (
                b"",
                given[at:end] * 2,
                random.choice(TOKENS),
                bytes([random.randrange(256)]),
                given[end:at:-1] or b"0",
            )
        )
        given = given[:at] + piece + given[end:]
    return given


def changed(random: Random, data: Any) -> Any:
    """Return JSON data with one place of it changed; the rest is shared, not copied."""
    if isinstance(data, dict) and data and random.randrange(12):
        key = random.choice(list(data))
        match random.randrange(8):
            case 0:
                return {k: v for k, v in data.items() if k != key}
            case 1:
                return {**data, random.choice(("", "x", key + "x")): random.choice(ODD)}
            case _:
                return {**data, key: changed(random, data[key])}
    if isinstance(data, list) and data and random.randrange(12):
        k = random.randrange(len(data))
        match random.randrange(8):
            case 0:
                return data[:k] + data[k + 1 :]
            case 1:
                return [*data, data[k]]
            case _:
                return [*data[:k], changed(random, data[k]), *data[k + 1 :]]
    if isinstance(data, str) and random.randrange(2):
        return mutated(random, data.encode("utf-8", "replace")).decode("utf-8", "replace")
    return random.choice(ODD)


def files(valid: Callable[[], Sequence[bytes]]) -> Draw:
    """Draw mutations of valid files, as bytes."""

    def draw(random: Random) -> bytes:
        given = random.choice(valid())
        return given if random.randrange(20) == 0 else mutated(random, given)

    return draw


def documents(valid: Callable[[], Sequence[Any]]) -> Draw:
    """Draw JSON files: valid ones with their data changed, or their bytes."""

    def draw(random: Random) -> bytes:
        data = random.choice(valid())
        for _ in range(random.randint(0, 3)):
            data = changed(random, data)
        text = json.dumps(data).encode("utf-8")
        return mutated(random, text) if random.randrange(3) == 0 else text

    return draw
