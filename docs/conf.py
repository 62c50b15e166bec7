"""How Sphinx builds the documentation: `sphinx-build -W --keep-going -b html docs out`.

Documents are written for whoever reads them in the repository, docstrings for whoever reads the
code. What the site needs otherwise is mended while they are read, by `mending`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from numpy.typing import ArrayLike, DTypeLike
from sphinx.addnodes import desc_annotation
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.util.typing import stringify_annotation

import image_sequence

sys.path.insert(0, str(Path(__file__).parent))  # Where `mending` is.
from mending.links import DOCS, in_the_site
from mending.reference import helps, short_type, with_sentences

project = "image-sequence"
author = "The image-sequence developers"
version = release = image_sequence.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["out"]
# What single backticks hold is code, and a link where the reference knows it.
default_role = "py:obj"
myst_heading_anchors = 4  # As GitHub makes them.

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
# The package needs none of them to be imported; a module that does is documented all the same.
autodoc_mock_imports = ["datasets", "ray", "tensorflow", "torch"]
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # Attributes are told once, in the class's own text.
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"image-sequence {release}"
html_static_path = ["_static"]
html_css_files = ["pictures.css"]
html_copy_source = False

_ALIASES = {
    stringify_annotation(kind, mode): name
    for kind, name in ((ArrayLike, "ArrayLike"), (DTypeLike, "DTypeLike"))
    for mode in ("smart", "fully-qualified-except-typing")
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Have texts mended when they are read."""
    app.connect("source-read", _read_page)
    app.connect("include-read", _read_included)
    app.connect("autodoc-process-docstring", _tell_errors, priority=400)  # Before napoleon.
    app.connect("autodoc-process-signature", _hide_signature)
    app.connect("object-description-transform", _shorten_types, priority=600)  # After autodoc.
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # As docstrings call them.
    return {"parallel_read_safe": True}


def _read_page(app: Sphinx, page: str, text: list[str]) -> None:
    if Path(app.env.doc2path(page)).suffix == ".md":
        text[0] = in_the_site(text[0], DOCS)
    elif page == "api/command_line":
        text[0] += helps()


def _read_included(_app: Sphinx, path: Path, _page: str, text: list[str]) -> None:
    text[0] = in_the_site(text[0], (DOCS / path).parent)


def _tell_errors(*told: Any) -> None:
    lines = told[-1]
    lines[:] = with_sentences(lines)


def _hide_signature(_app: Sphinx, _what: str, _name: str, known: object, *_: Any) -> Any:
    # A Protocol is never called by its name.
    return ("", None) if getattr(known, "_is_protocol", False) else None


def _shorten_types(_app: Sphinx, _domain: str, _kind: str, content: nodes.Element) -> None:
    for text in _types_in(content):
        text.parent.replace(text, nodes.Text(short_type(text, _ALIASES)))
    for annotation in content.parent[0].findall(desc_annotation):  # A property's type.
        told = annotation.astext()
        if short_type(told, _ALIASES) != told:
            annotation[:] = [nodes.Text(short_type(told, _ALIASES))]


def _types_in(content: nodes.Element) -> Iterator[nodes.Text]:
    """The types of parameters, attributes and results, before Sphinx makes lists of them."""
    for listed in [child for child in content if isinstance(child, nodes.field_list)]:
        for name, body in listed:
            if name.astext().split()[0] in {"type", "vartype", "rtype"}:
                yield from list(body.findall(nodes.Text))
