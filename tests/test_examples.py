"""The examples run as their users run them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.slow
def test_the_fit_finds_the_parameters_with_either_jacobian(tmp_path: Path) -> None:
    picture = tmp_path / "fit.png"
    run = subprocess.run(
        [sys.executable, EXAMPLES / "fit_current.py", "--repeats", "0", "--output", picture],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    rows = re.findall(r"\(true ([\d.]+)\)" + 2 * r" +([\d.]+) \+- ([\d.]+)", run.stdout)
    assert len(rows) == 3
    for row in rows:
        truth, fitted, error, other, other_error = map(float, row)
        # The data are the same every time; four standard errors leave room for the noise drawn.
        assert abs(fitted - truth) < 4 * error
        assert abs(fitted - other) < 0.01 * error
        assert abs(error - other_error) < 0.01 * error
    curves = re.search(r"curves computed +(\d+) +(\d+)", run.stdout)
    assert curves is not None
    assert int(curves[1]) < int(curves[2])
