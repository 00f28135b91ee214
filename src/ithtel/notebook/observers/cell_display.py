"""What a cell has shown so far, as it stands below the cell."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.events import CellOutput
from ithtel.events.notebook import MimeContent
from ithtel.events.values import to_json_value
from ithtel.notebook.observers.stream_text import StreamText, head
from ithtel.provenance.shown_text import stable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["stdout", "stderr", "display", "result"]
STREAM = "text/plain"
_encode = msgspec.json.Encoder(enc_hook=to_json_value, order="sorted").encode


class ShownOutput(msgspec.Struct, kw_only=True):
    """One output: a stream, or a bundle of representations of which only the digests are kept."""

    kind: Kind
    mime: dict[str, MimeContent] = {}
    text: str | None = None
    screen: StreamText | None = None
    display_id: str | None = None


class CellDisplay:
    """The outputs of one run of a cell, in the order in which they began; a stream is one, whatever came between."""

    def __init__(self) -> None:
        self._shown: list[ShownOutput] = []
        self._screens: dict[str, StreamText] = {}
        self._is_to_be_cleared = False
        self._lock = threading.Lock()
        self.keep: Callable[[bytes], object] | None = None
        """Keeps the content of pictures."""
        self.took = 0.0
        """Seconds spent on digests while the cell ran."""

    def write(self, kind: Kind, text: str) -> None:
        """Add a chunk of a stream."""
        screen = self._screens.get(kind)
        if screen is None or self._is_to_be_cleared:
            screen = self._new_screen(kind)
        screen.write(text)

    def show(self, kind: Kind, data: Mapping[str, Any], display_id: str | None = None, *, update: bool = False) -> None:
        """Add a bundle, or put it in the place of those that it updates."""
        new = ShownOutput(kind=kind, mime=contents(data, self.keep), text=_text(data), display_id=display_id)
        with self._lock:
            if not update:
                self._clear_if_due()
                self._shown.append(new)
                return
            for place, shown in enumerate(self._shown):
                if shown.display_id == display_id:
                    self._shown[place] = new

    def clear(self, *, wait: bool = False) -> None:
        """Forget what was shown; with `wait`, when the next thing is."""
        with self._lock:
            self._is_to_be_cleared = True
            if not wait:
                self._clear_if_due()

    def events(self, execution_count: int | None, *, with_text: bool) -> list[CellOutput]:
        """Return an event for each output that there is something to see of."""
        found = []
        for shown in self._shown:
            mime, text = shown.mime, shown.text
            if shown.screen is not None:
                digest = shown.screen.close()
                size, text = shown.screen.size_bytes, shown.screen.text
                mime = {} if digest is None else {STREAM: MimeContent(sha256=digest, size_bytes=size)}
            if mime:
                text = text if with_text else None
                found.append(CellOutput(execution_count=execution_count, kind=shown.kind, mime=mime, text=text))
        return found

    def _new_screen(self, kind: Kind) -> StreamText:
        with self._lock:
            self._clear_if_due()
            screen = self._screens.get(kind)
            if screen is None:
                screen = self._screens[kind] = StreamText()
                self._shown.append(ShownOutput(kind=kind, screen=screen))
            return screen

    def _clear_if_due(self) -> None:
        if self._is_to_be_cleared:
            self._is_to_be_cleared = False
            self._shown.clear()
            self._screens.clear()


def contents(data: Mapping[str, Any], keep: Callable[[bytes], object] | None = None) -> dict[str, MimeContent]:
    """Return digest and size of each representation: text as UTF-8, JSON with sorted keys, images as their bytes.

    Of text without addresses in memory, of SVG without its date and random ids: no two runs would have the same.
    """
    found = {}
    for mime, content in data.items():
        raw = _bytes(str(mime), content)
        if keep is not None and str(mime).startswith("image/"):
            keep(raw)
        found[str(mime)] = MimeContent(sha256=hashlib.sha256(raw).hexdigest(), size_bytes=len(raw))
    return found


def _bytes(mime: str, content: object) -> bytes:
    if isinstance(content, bytes | bytearray):
        return bytes(content)
    if not isinstance(content, str):
        return _encode(content)
    if mime.startswith("image/") and "xml" not in mime:
        try:
            return base64.b64decode(content, validate=False)
        except (binascii.Error, ValueError):
            pass
    return stable(content, mime).encode("utf-8", "backslashreplace")


def _text(data: Mapping[str, Any]) -> str | None:
    text = data.get("text/plain")
    return head(text) if isinstance(text, str) else None
