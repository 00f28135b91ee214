"""`render`: whole HTML pages from the Jinja2 templates in `templates/`, with every value escaped."""

from __future__ import annotations

import jinja2

from ithtel.version import __version__
from ithtel.viewer.theme import THEMES

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("ithtel.viewer"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **values: object) -> str:
    """Return the page that `templates/{template}.html` makes of `values`; it needs no other file."""
    return _TEMPLATES.get_template(f"{template}.html").render(themes=THEMES, version=__version__, **values)
