"""What is public: every function, method and reader of files, and why some are not fuzzed."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = (
    "qbnum", "qbnum.optimize", "qbnum.sweeps", "qbsym", "qbsym.export", "qbsym.limits",
    "qbsym.matsubara", "validation", "validation.testing",
)  # fmt: skip

RESULT = "made by the library, not by users: a plain record"
NOTHING = "takes nothing from a user"
EXPRESSION = "evaluates code made of a checked expression by the rules of the numeric library"

EXEMPT = {
    "qbnum.BoundStates": RESULT,
    "qbnum.Gradients": RESULT,
    "qbnum.Observable": RESULT,
    "qbnum.Optimum": RESULT,
    "qbnum.SteadyState": RESULT,
    "qbnum.optimize.LocalOptimum": RESULT,
    "qbnum.optimize.Optimum": RESULT,
    "qbnum.sweeps.partial_path": "joins a path",
    "qbsym.BoundState": RESULT,
    "qbsym.CompiledFunction": RESULT,
    "qbsym.CompiledFunction.bind": EXPRESSION,
    "qbsym.Derivation": RESULT,
    "qbsym.Derivation.markdown": NOTHING,
    "qbsym.Derivation.text": NOTHING,
    "qbsym.Derivation.verify": NOTHING,
    "qbsym.Observable": RESULT,
    "qbsym.Observable.explicit": "takes regions as green_retarded does, and passes them on",
    "qbsym.Step": RESULT,
    "qbsym.Step.verify": NOTHING,
    "qbsym.StepResult": RESULT,
    "qbsym.derivations": NOTHING,
    "qbsym.limits.Entry": RESULT,
    "qbsym.limits.Entry.name": NOTHING,
    "qbsym.limits.Limit": RESULT,
    "qbsym.limits.Limit.at": "for the project's own checks of a limit's order",
    "qbsym.limits.absent": NOTHING,
    "qbsym.limits.families": NOTHING,
    "qbsym.limits.limits": NOTHING,
    "qbsym.matsubara.ClosedForm": RESULT,
    "qbsym.matsubara.closed_form": "the same as qbsym.closed_form",
    "qbsym.pole_polynomial": NOTHING,
    "qbsym.rational_green": NOTHING,
    "validation.Enclosure": RESULT,
    "validation.Reference": RESULT,
    "validation.ReferenceGradient": RESULT,
    "validation.testing.ReferenceJunction": RESULT,
}
"""Public names without a fuzzer, and why."""

READERS = {
    "qbnum/_compiled/kernels.py": "the machine code that numba keeps of it",
    "qbnum/sweeps/partial.py": "a sweep's own unfinished work: see the tests of faults",
    "qbnum/sweeps/store.py": "sweep_to_file",
    "validation/commands/conformance.py": "commands with a file",
    "validation/parameters.py": "parameter files",
    "validation/parts.py": "a command's own unfinished work: see the tests of faults",
    "validation/conformance/protocol.py": "answers",
    "validation/conformance/examples/quad.py": "an example for users: a program of its own",
    "validation/reference_table/check.py": "compares a table with the shipped one, as text",
    "validation/strict_json.py": "records of runs",
    "validation/versions.py": "the version of the checkout",
}
"""Modules that read what came from outside: the entry that fuzzes them, or why none does."""

OWN = "(resources.files|__file__|DATA /|schema.read_text)"

READS = re.compile(r"read_text\(|read_bytes\(|json\.loads?\(|tomllib\.|np\.load\(|open_dataset\(")


def callables() -> set[str]:
    """Return the public functions, classes and methods, errors apart."""
    found = set()
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) and issubclass(thing, BaseException):
                continue
            if inspect.isclass(thing) and thing.__module__.partition(".")[0] in package:
                found |= {f"{package}.{name}.{method}" for method in _methods(thing)}
            if callable(thing) and not inspect.ismodule(thing):
                found.add(f"{package}.{name}")
    return found


def _methods(kind: type) -> set[str]:
    return {
        name
        for name, value in vars(kind).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod))
    }


def readers() -> set[str]:
    """Return the modules that read files or JSON, but for what the packages ship."""
    found = set()
    for package in ("qbnum", "qbsym", "validation"):
        for path in sorted((ROOT / package).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            if any(READS.search(line) and not re.search(OWN, line) for line in lines):
                found.add(path.relative_to(ROOT).as_posix())
    return found
