"""Files of JSON from outside: read strictly, and held to a schema.

May import: jsonschema (inside functions), validation.errors.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from validation.errors import shown

__all__ = ["read_json", "what_is_wrong"]

SHOWN = 200
"""Characters of a library's message that are passed on."""


def read_json(path: Path) -> Any:
    """Return the data in a file; every number in it is a finite double.

    Raises
    ------
    ValueError
        What is wrong, in words that follow the name of the file: it cannot be read, is not text
        in UTF-8, or not JSON.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ValueError("is not text in UTF-8") from error
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_double, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({str(error)[:SHOWN]})") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def _double(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large for a double")
    return value


def _integer(text: str) -> int:
    _double(text)
    return int(text)


def what_is_wrong(data: Any, schema: Path) -> str:
    """Return where and how data break a schema, and nothing if they keep to it."""
    error = next(_validator(schema).iter_errors(data), None)
    if error is None:
        return ""
    # A message begins with the whole instance and ends with what is wrong with it.
    message = error.message if len(error.message) <= SHOWN else f"...{error.message[-SHOWN:]}"
    return f"at {shown(error.json_path)[1:-1]}, {message}"


@cache
def _validator(schema: Path) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
