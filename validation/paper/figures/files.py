"""The figures' data sets as files: netCDF, and CSV with the caption as comments.

May import: numpy, xarray, qbnum.sweeps, validation.files.
"""

from __future__ import annotations

import csv
import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbnum.sweeps.store import write
from validation.files import write_atomically

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["as_csv", "stem", "write_data"]

COMMENT_WIDTH = 98


def stem(name: str) -> str:
    """Return the name of a panel's or a figure's files without suffix, ``fig04a`` or ``fig04``."""
    digits = name.rstrip("abc")
    return f"fig{int(digits):02d}{name[len(digits) :]}"


def write_data(data: xr.Dataset, directory: Path, name: str) -> tuple[Path, Path]:
    """Write a panel's data as ``figNNx.nc`` and ``figNNx.csv``, each whole or not at all.

    Raises
    ------
    OSError
        The files cannot be written.
    """
    netcdf, table = (directory / f"{stem(name)}{suffix}" for suffix in (".nc", ".csv"))
    write(data, netcdf)
    write_atomically(table, as_csv(data))
    return netcdf, table


def as_csv(data: xr.Dataset) -> str:
    """Return the curves as text: comments with the attributes, a header, one line a point.

    Numbers are written so that they are read back as the same doubles. Without the comments
    (``pandas.read_csv(file, comment="#")``) it is a plain table.
    """
    text = io.StringIO()
    for key, value in data.attrs.items():
        text.write(
            textwrap.fill(
                f"{key}: {_plain(value)}", COMMENT_WIDTH,
                initial_indent="# ", subsequent_indent="#     ",
                break_on_hyphens=False, break_long_words=False,
            ) + "\n"
        )  # fmt: skip
    curves = [n for n in data.data_vars if len(data[n].dims) == 2]
    x = str(data[curves[0]].dims[1])
    varied = ["curve", *(str(n) for n in data.coords if data[n].dims == ("curve",))]
    varied = list(dict.fromkeys(varied))
    for name in (x, *curves):
        text.write(f"# column {name}: {data[name].attrs['long_name']}")
        text.write(f" [{data[name].attrs['units']}]\n")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([*varied, x, *curves])
    columns = [data[name].values for name in curves]
    for k in range(data.sizes["curve"]):
        labels = [_plain(data[name].values[k]) for name in varied]
        for i, at in enumerate(data[x].values):
            lines.writerow([*labels, _plain(at), *(_plain(c[k, i]) for c in columns)])
    return text.getvalue()


def _plain(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    return repr(value) if isinstance(value, float) else str(value)
