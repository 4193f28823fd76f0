"""Closed forms exported as C and JavaScript, compiled and run, against the certified reference."""

import shutil
import subprocess
from fractions import Fraction

import pytest
from mpmath import mp, mpf
from sympy import Rational

from qbsym import export, limits
from tests.slow import few_by_default
from validation.exact import ExactJunction
from validation.references import reference

LIMITS = (
    ("weak_coupling", "entropy", 1),
    ("weak_coupling", "charge_current", 1),
    ("wide_band", "particle_number", 1),
    ("wide_band", "energy_current", 1),
    ("zero_temperature", "energy", 1),
    ("zero_temperature", "charge_current", 1),
    ("sommerfeld", "energy_current", 2),
    ("high_temperature", "exergy", 1),
    ("strong_coupling", "spectral_weight", 1),
)

SMALL = Rational(1, 1024)
"""Epsilon: deviations of the limits, of first or higher order in it, are a percent at most."""


def entries():
    known = {(e.family, e.observable, e.order): e for e in limits.limits()}
    return [known[key] for key in LIMITS if key in known]


def in_c(entry, arguments, directory):
    (directory / "limit.c").write_text(export.code(entry.limit.expression, "c", "limit"))
    (directory / "main.c").write_text(
        '#include <stdio.h>\n#include "limit.c"\n'
        f'int main(void) {{ printf("%.17g\\n", limit({", ".join(arguments)})); return 0; }}\n'
    )
    program = directory / "program"
    subprocess.run(
        ["cc", "-std=c99", "-O1", "-o", program, directory / "main.c", "-lm"], check=True
    )
    return float(subprocess.run([program], capture_output=True, text=True, check=True).stdout)


def in_javascript(entry, arguments, directory):
    code = export.code(entry.limit.expression, "javascript", "limit")
    (directory / "main.js").write_text(f"{code}\nconsole.log(limit({', '.join(arguments)}));\n")
    done = subprocess.run(
        ["node", directory / "main.js"], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


@pytest.mark.parametrize(("program", "value_in"), [("cc", in_c), ("node", in_javascript)])
@pytest.mark.parametrize("entry", few_by_default(entries(), 3), ids=lambda entry: entry.name)
def test_exported_code_is_as_near_to_the_reference_as_the_limit(entry, program, value_in, tmp_path):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    at = {name: Fraction(int(v.p), int(v.q)) for name, v in entry.limit.at(SMALL).items()}
    # The code gets doubles, and so does the reference.
    doubles = {name: float(value) for name, value in at.items()}
    exact = {name: Fraction(value) for name, value in doubles.items()}
    occupation = "error" if entry.limit.occupation is None else Fraction(entry.limit.occupation)
    found = reference(
        ExactJunction.from_parameters(exact), 20, [entry.observable], bound_states=occupation
    )[entry.observable]
    literals = [
        repr(doubles[{n.replace(".", "_"): n for n in doubles}[argument]])
        for argument in export.arguments(entry.limit.expression)
    ]
    value = value_in(entry, literals, tmp_path)
    with mp.workdps(30):
        own = abs(limits.evaluate(entry.limit.expression, exact, 25) - found.mid)
        error = abs(mpf(value) - found.mid)
        assert error <= own + abs(found.mid) * mpf("1e-11")  # a hundred operations on doubles
        assert error <= abs(found.mid) / 100
