"""`render`, `save` and `Drawn`: matplotlib figures as bytes, as files and in notebooks, the same bytes each time."""

from __future__ import annotations

import contextlib
import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import matplotlib.style
from markupsafe import Markup

from ithtel.errors import InputError
from ithtel.viewer.labels import MONO, SANS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from ithtel.viewer.theme import Theme

DPI = 100
# what differs between runs or versions of matplotlib is left out of the file
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


@contextlib.contextmanager
def plain_style() -> Iterator[None]:
    """Draw with matplotlib's default style, not with the user's: the same values give the same picture."""
    with matplotlib.style.context(["default", {"font.family": SANS, "svg.hashsalt": "ithtel", "path.simplify": True}]):
        yield


def save(figure: Figure, path: str | os.PathLike[str], *, scale: float = 2) -> Path:
    """Write a figure to a `.png` (at `scale` times 100 dots per inch) or `.svg` file and return its path.

    Raises:
        InputError: The file has another suffix.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _METADATA:
        raise InputError(f"cannot write a picture to {path.name!r}: expected a .png or .svg file")
    path.write_bytes(render(figure, kind, scale=scale))
    return path


def render(figure: Figure, kind: str, *, scale: float = 2) -> bytes:
    """Return the bytes of a figure as `png` or `svg`."""
    buffer = io.BytesIO()
    with plain_style():
        figure.savefig(
            buffer, format=kind, dpi=figure.dpi * (scale if kind == "png" else 1), metadata=_METADATA[kind],
            facecolor=figure.get_facecolor(), edgecolor="none",
        )  # fmt: skip
    return buffer.getvalue()


def inline_svg(figure: Figure, theme: Theme, *, label: str) -> Markup:
    """Return a figure as SVG to put into a page, whose style sheet gives its colours and its font.

    Each colour of `theme` becomes the variable of that role: `var(--ink)`. Text stays text.
    """
    buffer = io.StringIO()
    with plain_style(), matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata=_METADATA["svg"], facecolor="none", edgecolor="none")
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib wrote it
    _without_namespaces(root)
    size = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label}
    root.attrib.clear()
    root.attrib.update(size)
    text = ET.tostring(root, encoding="unicode").replace(f"'{SANS}'", "inherit").replace(f"'{MONO}'", "monospace")
    for role, colour in theme.roles().items():
        text = text.replace(colour, f"var(--{role})")
    return Markup(text)  # noqa: S704 - ElementTree has escaped its texts


def _without_namespaces(element: ET.Element) -> None:
    """Remove what HTML needs no longer: prefixes, metadata."""
    for part in element.iter():
        part.tag = part.tag.rpartition("}")[2]
        part.attrib = {name.rpartition("}")[2]: value for name, value in part.attrib.items()}
        for child in part.findall("{*}metadata"):
            part.remove(child)


class Drawn(ABC):
    """A value that a notebook shows as a picture, and as text where pictures cannot be shown."""

    @abstractmethod
    def figure(self) -> Figure:
        """Return a new matplotlib figure."""

    @abstractmethod
    def __repr__(self) -> str: ...

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a `.png` or `.svg` file."""
        return save(self.figure(), path)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        drawn = self.figure()
        width, height = (round(inches * drawn.dpi) for inches in drawn.get_size_inches())
        data = {"text/plain": repr(self), "image/png": render(drawn, "png")}
        return data, {"image/png": {"width": width, "height": height}}
