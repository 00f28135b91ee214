"""`CellDisplay`: the outputs that a cell has shown so far, as they stand below the cell."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ithtel.events import CellOutput
from ithtel.events.notebook import MimeContent
from ithtel.events.values import to_json_value
from ithtel.notebook.observers.stream_text import StreamText, head
from ithtel.provenance.shown_text import stable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ithtel.provenance.volatile.surroundings import Look

Kind = Literal["stdout", "stderr", "display", "result"]
STREAM = "text/plain"
_TEXTS = ("text/", "application/javascript")
_WIDGET = "application/vnd.jupyter.widget-view+json"
_encode = msgspec.json.Encoder(enc_hook=to_json_value, order="sorted").encode


class Output(msgspec.Struct, kw_only=True):
    """One output: a stream, or a bundle of representations of which only the digests are kept."""

    kind: Kind
    mime: dict[str, MimeContent] = {}
    text: str | None = None
    stream: StreamText | None = None
    display_id: str | None = None
    volatile: dict[str, int] = {}


class CellDisplay:
    """The outputs of one execution, in the order in which they began. Each stream is one output."""

    def __init__(self, look: Look | None = None) -> None:
        self.look = look
        """Recognises volatile parts, if set."""
        self._outputs: list[Output] = []
        self._streams: dict[str, StreamText] = {}
        self._is_to_be_cleared = False
        self._lock = threading.Lock()
        self.keep: Callable[[bytes], object] | None = None
        """Stores the content of pictures, if set."""
        self.digest_s = 0.0
        """Seconds spent on digests while the cell ran."""

    def write(self, kind: Kind, text: str) -> None:
        """Add a chunk of a stream."""
        stream = self._streams.get(kind)
        if stream is None or self._is_to_be_cleared:
            stream = self._new_stream(kind)
        stream.write(text)

    def show(self, kind: Kind, data: Mapping[str, Any], display_id: str | None = None, *, update: bool = False) -> None:
        """Add a bundle, or replace those that it updates."""
        volatile: Counter[str] = Counter()
        mime = contents(data, self.keep, self.look, volatile)
        new = Output(kind=kind, mime=mime, text=_text(data), display_id=display_id, volatile=dict(volatile))
        with self._lock:
            if not update:
                self._clear_if_due()
                self._outputs.append(new)
                return
            for place, output in enumerate(self._outputs):
                if output.display_id == display_id:
                    self._outputs[place] = new

    def clear(self, *, wait: bool = False) -> None:
        """Remove the outputs so far: now, or with `wait` when the next output arrives."""
        with self._lock:
            self._is_to_be_cleared = True
            if not wait:
                self._clear_if_due()

    def events(self, execution_count: int | None, *, with_text: bool) -> list[CellOutput]:
        """Return an event for each output that shows something."""
        found = []
        for output in self._outputs:
            mime, text, volatile = output.mime, output.text, output.volatile
            if output.stream is not None:
                digest = output.stream.close()
                size, text = output.stream.size_bytes, output.stream.text
                stable_digest, volatile = output.stream.stable_digest, dict(output.stream.volatile)
                content = MimeContent(sha256=digest or "", size_bytes=size, stable_sha256=stable_digest)
                mime = {} if digest is None else {STREAM: content}
            if mime:
                text = text if with_text else None
                event = CellOutput(
                    execution_count=execution_count, kind=output.kind, mime=mime, text=text, volatile=volatile or None
                )
                found.append(event)
        return found

    def _new_stream(self, kind: Kind) -> StreamText:
        with self._lock:
            self._clear_if_due()
            stream = self._streams.get(kind)
            if stream is None:
                stream = self._streams[kind] = StreamText(self.look)
                self._outputs.append(Output(kind=kind, stream=stream))
            return stream

    def _clear_if_due(self) -> None:
        if self._is_to_be_cleared:
            self._is_to_be_cleared = False
            self._outputs.clear()
            self._streams.clear()


def contents(
    data: Mapping[str, Any],
    keep: Callable[[bytes], object] | None = None,
    look: Look | None = None,
    volatile: Counter[str] | None = None,
) -> dict[str, MimeContent]:
    """Return digest and size of each representation: text as UTF-8, JSON with sorted keys, images as their bytes.

    Memory addresses in text and the date and random ids of SVG do not count: they differ in every run. What `look`
    recognises in text is left out of a second digest, and counted in `volatile`: of all representations the most.
    """
    found = {}
    for mime, content in data.items():
        raw = _bytes(str(mime), content)
        if keep is not None and str(mime).startswith("image/"):
            keep(raw)
        clean, counts = _without_volatile(str(mime), raw, look)
        if volatile is not None:
            volatile |= Counter(counts)
        found[str(mime)] = MimeContent(
            sha256=hashlib.sha256(raw).hexdigest(),
            size_bytes=len(raw),
            stable_sha256=hashlib.sha256(clean).hexdigest() if counts else None,
        )
    return found


def _without_volatile(mime: str, raw: bytes, look: Look | None) -> tuple[bytes, dict[str, int]]:
    """Return the bytes to digest without volatile parts; a widget is known by an id that is new in each run."""
    if look is None:
        return raw, {}
    if mime == _WIDGET:
        return b"", {"uuid": 1}
    if not (mime.startswith(_TEXTS) or mime.endswith("json")):
        return raw, {}
    clean, counts = look.cleaned(raw.decode("utf-8", "replace"))
    return clean.encode("utf-8", "backslashreplace"), counts


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
