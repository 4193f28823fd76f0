"""How the documentation is built: every number in it is computed while building.

``sphinx-build -W --keep-going -j 2 -b html docs build/docs``. No page asks the network for
anything, neither while it is built nor while it is read.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent

sys.path.insert(0, str(HERE / "_ext"))
# Commands and cells use the `qbval` of this environment, whether or not it was activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# A terminal of the width of a page, without colours; pictures as `matplotlibrc` here says.
os.environ.update(COLUMNS="118", NO_COLOR="1", TERM="dumb", MATPLOTLIBRC=str(HERE))
# Cells run in a scratch directory; what they read of the repository they find from here.
os.environ["QBVAL_ROOT"] = str(HERE.parent)
os.environ.pop("MPLBACKEND", None)

for package in ("qbnum", "validation"):
    # Names that are imported late are looked up once, so that autodoc finds them.
    module = import_module(package)
    for late in module.__all__:
        setattr(module, late, getattr(module, late))

project = "qbval"
author = "The qbval developers"
project_copyright = f"2026, {author}"
version = release = version_of("qbval")

extensions = [
    "myst_nb",
    "qbval_docs",
    "qbval_shell",
    "sphinx-mathjax-offline",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "_ext"]
default_role = "py:obj"
maximum_signature_line_length = 80

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 180
nb_output_stderr = "remove"
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"qbval {version}"
html_static_path = ["_static"]
html_css_files = ["qbval.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"


def setup(app):
    """Let several processes read: this extension only copies files, but does not say so."""
    app.extensions["sphinx-mathjax-offline"].parallel_read_safe = True
