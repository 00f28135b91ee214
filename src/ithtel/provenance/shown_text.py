"""`stable`: displayed text without parts that differ in every run: addresses, names of cell files, ids in SVG."""

from __future__ import annotations

import re

from ithtel.plain_text import without_addresses

_CELL_FILE = re.compile(r"[^\s\"'<>]*[/\\]ipykernel_\d+[/\\]\d+\.py")
"""The file name that ipykernel gives a cell, as in each warning: it contains the process id."""
_SVG_DATE = re.compile(r"<dc:date>[^<]*</dc:date>")
_SVG_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^")]+)')
_RANDOM_ID = re.compile(r"[A-Za-z]*[0-9a-f]{8,}")


def stable(text: str, mime: str = "text/plain") -> str:
    """Return text as it is compared and hashed: the same for every run that displays the same.

    >>> stable("[<matplotlib.lines.Line2D at 0x7f3a5c001d30>]")
    '[<matplotlib.lines.Line2D at 0x…>]'
    >>> stable("/tmp/ipykernel_4711/123456789.py:2: RuntimeWarning: divide by zero")
    '<cell>:2: RuntimeWarning: divide by zero'
    """
    if mime == "image/svg+xml":
        return _stable_svg(text)
    if not mime.startswith("text/"):
        return text
    if "ipykernel_" in text:
        text = _CELL_FILE.sub("<cell>", text)
    return without_addresses(text)


def _stable_svg(text: str) -> str:
    """Remove the date, and number random ids in the order of their definition."""
    text = _SVG_DATE.sub("", text)
    ids = [name for name in dict.fromkeys(_SVG_ID.findall(text)) if _RANDOM_ID.fullmatch(name)]
    numbers = {name: f"id{number}" for number, name in enumerate(ids)}
    text = _SVG_ID.sub(lambda found: f'id="{numbers.get(found[1], found[1])}"', text)
    return _REFERENCE.sub(lambda found: found[0][: -len(found[1])] + numbers.get(found[1], found[1]), text)
