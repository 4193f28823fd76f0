"""Parameter files: a junction, a sweep or a search in TOML, as the command line would have it.

Keys are the options' names with underscores; what one lead has for itself is in the tables
``[left]`` and ``[right]``. Shapes and keys are checked here by ``parameters.schema.json``, domains
by the commands, as for options. May import: jsonschema, validation.errors.
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from validation.errors import SHOWN, ValidationError, shown

__all__ = ["ParameterFileError", "Value", "read_parameters", "schema"]

NAMES = {"zip": "zips", "maximize": "largest", "minimize": "smallest"}
"""Parameters of the commands that are not called as their key."""

SIDES = ("left", "right")


class ParameterFileError(ValidationError, ValueError):
    """A parameter file cannot be read, or says what its command does not know."""


@dataclass(frozen=True)
class Value:
    """What a file gives to one option.

    Attributes
    ----------
    key : str
        Where it is in the file, such as ``left.coupling``.
    given : str or list of str
        What the command line would have.
    """

    key: str
    given: str | list[str]


@functools.cache
def schema() -> dict[str, Any]:
    """Return the schema of parameter files: ``$defs`` has one definition for each command."""
    text = (resources.files("validation") / "parameters.schema.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def read_parameters(path: Path, command: str) -> dict[str, Value]:
    """Return what a file gives, by the name of the command's parameter.

    Parameters
    ----------
    path : path
        A TOML file.
    command : str
        ``evaluate``, ``sweep``, ``optimize`` or ``charging``.

    Returns
    -------
    dict of str to Value
        In the order of the file.

    Raises
    ------
    ParameterFileError
        It cannot be read, is no TOML, or has a key or a shape that the command does not know.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ParameterFileError(
            f"--file {str(path)!r} cannot be read ({error.strerror}); give a TOML file"
        ) from error
    except UnicodeDecodeError as error:
        raise ParameterFileError(f"--file {str(path)!r} is not text in UTF-8") from error
    except (ValueError, RecursionError) as error:
        # TOML's own error, an integer of thousands of digits, or lists in lists in lists ...
        reason = str(error)[:SHOWN]
        raise ParameterFileError(f"--file {str(path)!r} is not TOML: {reason}") from error
    _check(path, command, content)
    return dict(_values(content, ":" if command == "optimize" else ","))


def _values(content: Mapping[str, Any], joint: str) -> Iterator[tuple[str, Value]]:
    for key, value in content.items():
        if key in SIDES:
            for name, own in value.items():
                yield f"{key}_{name}", Value(f"{key}.{name}", _text(own, joint))
        elif key == "zip":
            groups = [",".join(name.replace(".", "_") for name in group) for group in value]
            yield NAMES[key], Value(key, groups)
        elif key in ("observables", "bound_state"):
            yield key, Value(key, _text(value, ","))
        else:
            yield NAMES.get(key, key), Value(key, _text(value, joint))


def _text(value: Any, joint: str) -> str:
    """Return the text that an option would have; repr of a double is exact."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return joint.join(_text(part, joint) for part in value)
    if isinstance(value, dict):
        return ",".join(f"{name}={_text(part, joint)}" for name, part in value.items())
    return repr(value)


def _place(error: Any) -> list[str]:
    return [str(part) for part in error.absolute_path]


def _check(path: Path, command: str, content: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    form = {"$ref": f"#/$defs/{command}", "$defs": schema()["$defs"]}
    found = sorted(Draft202012Validator(form).iter_errors(content), key=_place)
    if not found:
        return
    error = found[0]
    where = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    ).removeprefix(".")
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        unknown = next(key for key in error.instance if key not in known)
        full = shown(f"{where}.{unknown}" if where else unknown)[1:-1]
        close = get_close_matches(unknown, known, 1)
        hint = f"did you mean {close[0]}" if close else f"there are {', '.join(known)}"
        raise ParameterFileError(f"{path}: unknown key {full}; {hint}")
    raise ParameterFileError(
        f"{path}: {shown(where)[1:-1]} = {shown(error.instance)}; "
        f"give {error.schema['description']}"
    )
