"""`whence`, `stamp`: find the execution that made a file, by a stamp in it or by its digest in the logs."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import zlib
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ithtel.errors import InputError, MissingFileError
from ithtel.events import CellOutput, CellStart, FileWrite
from ithtel.plain_text import source as shown_source
from ithtel.provenance.shown_text import stable
from ithtel.reading.history.cell_tracker import CellTracker
from ithtel.reading.lines.read import read
from ithtel.recording.process import current
from ithtel.recording.span import current_span

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from ithtel.reading.lines.record import Record

F = TypeVar("F")
KEY = "ithtel"
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG_STAMP = re.compile(r"ithtel:(\{.*?\})(?=\s*<)", re.DOTALL)
_SIZE, _CHECK = 4, 4
_MAX_TEXT = 2**20
"""Bytes of a stamp, decompressed: a hostile file may hold a kilobyte that becomes a megabyte."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The execution that made a file.

    Attributes:
        found_by: `stamp`, or `digest` of what a cell wrote or displayed.
        session_id: The session.
        cell: The execution number of the cell, if known.
        source: The text of the cell, if a log has it.
        input_hash: The digest of the data that was analysed last.
        seed: The seed that was set last.
        git_sha: The commit.
        log: The log of the session, if found.
    """

    found_by: str
    session_id: str
    cell: int | None = None
    source: str | None = None
    input_hash: str | None = None
    seed: int | None = None
    git_sha: str | None = None
    log: str | None = None

    def text(self) -> str:
        """Return it as text."""
        cell = f"cell [{self.cell}] of " if self.cell is not None else ""
        parts = [f"made by {cell}session {self.session_id} (by its {self.found_by})"]
        if self.source is not None:
            parts.append(f"cell: {shown_source(self.source, 80)}")
        parts += [
            f"{name}: {value}"
            for name, value in (
                ("data", self.input_hash), ("seed", self.seed), ("commit", self.git_sha), ("log", self.log),
            )
            if value is not None
        ]  # fmt: skip
        return "\n".join(parts)

    def __repr__(self) -> str:
        return self.text()


def stamp(figure: F) -> F:
    """Stamp a matplotlib figure with its origin: `savefig` then writes session, cell, input, seed and commit.

    PNG files get a text chunk, SVG files a description; other formats and figures without a session are not changed.

    Returns:
        The figure.

    Raises:
        InputError: It is not a matplotlib figure.

    >>> stamp(3)
    Traceback (most recent call last):
    ithtel.errors.InputError: expected a matplotlib figure, got int
    """
    save = getattr(figure, "savefig", None)
    if not callable(save):
        raise InputError(f"expected a matplotlib figure, got {type(figure).__name__}")
    if not getattr(save, "is_stamped", False):
        vars(figure)["savefig"] = _stamped(save)
    return figure


def whence(path: str | os.PathLike[str], logs: str | os.PathLike[str] = "logs") -> Origin | None:
    """Return the execution that made a file, by the stamp in it or by its digest in the logs; None if unknown.

    Raises:
        MissingFileError: There is no such file.
    """
    file = Path(path)
    if file.exists() and not file.is_file():
        raise MissingFileError(f"no file {str(file)!r} (it is not a regular file)")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise MissingFileError(f"no file {str(file)!r} ({error.strerror})") from None
    stamped = _stamp_in(content)
    if stamped is not None:
        return _with_log(stamped, logs)
    digests = {hashlib.sha256(content).hexdigest()}
    if content.lstrip()[:5] in {b"<?xml", b"<svg "}:
        digests.add(hashlib.sha256(stable(content.decode("utf-8", "replace"), "image/svg+xml").encode()).hexdigest())
    return next(_by_digest(digests, logs), None)


def _stamped(save: Any) -> Any:  # noqa: ANN401 - matplotlib's method
    @functools.wraps(save)
    def savefig(target: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        text = _text()
        kind = str(options.get("format") or Path(str(target)).suffix.removeprefix(".") or "png").lower()
        if text is not None and kind in {"png", "svg"}:
            key = KEY if kind == "png" else "Description"
            value = text if kind == "png" else f"{KEY}:{text}"
            options["metadata"] = {**(options.get("metadata") or {}), key: value}
        return save(target, *args, **options)

    savefig.is_stamped = True  # type: ignore[attr-defined]
    return savefig


def _text() -> str | None:
    """Return the text of a stamp; None if nothing is recorded."""
    session = current()
    if session is None:
        return None
    known = session.provenance
    fields = {
        "session": known.session_id, "span": current_span(), "input": known.input_hash, "seed": known.random_seed,
        "commit": known.git_sha,
    }  # fmt: skip
    return json.dumps({name: value for name, value in fields.items() if value is not None}, separators=(",", ":"))


def _stamp_in(content: bytes) -> dict[str, Any] | None:
    text = _png_text(content) if content.startswith(_PNG) else _svg_text(content)
    try:
        found = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "session" in found else None


def _png_text(content: bytes) -> str | None:
    """Return our text chunk of a PNG; None if there is none, or if it is damaged or too long.

    Chunks are read here rather than by Pillow, which needs to decode the pixels for chunks that follow them.
    """
    place = len(_PNG)
    while place + 2 * _SIZE <= len(content):
        size = int.from_bytes(content[place : place + _SIZE], "big")
        kind, data = content[place + _SIZE : place + 2 * _SIZE], content[place + 2 * _SIZE :][:size]
        if kind in {b"tEXt", b"iTXt", b"zTXt"} and data.startswith(KEY.encode() + b"\0"):
            return _chunk_text(kind, data[len(KEY) + 1 :])
        place += 2 * _SIZE + size + _CHECK
    return None


def _chunk_text(kind: bytes, rest: bytes) -> str | None:
    """Return the text of a chunk from what follows its key, as PNG 1.2, section 4.2.3, defines the three kinds."""
    if kind == b"iTXt":
        is_compressed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    else:
        is_compressed, text = kind == b"zTXt", rest[1:] if kind == b"zTXt" else rest
    if is_compressed:
        try:
            text = zlib.decompressobj().decompress(text, _MAX_TEXT + 1)
        except zlib.error:
            return None
    return text.decode("latin-1" if kind == b"zTXt" else "utf-8", "replace") if len(text) <= _MAX_TEXT else None


def _svg_text(content: bytes) -> str | None:
    found = _SVG_STAMP.search(content[:100_000].decode("utf-8", "replace"))
    return None if found is None else unescape(found[1])


def _with_log(stamped: dict[str, Any], logs: str | os.PathLike[str]) -> Origin:
    """Return the origin in a stamp, with the cell's number and text if a log has them."""
    start, log = None, None
    for record in _records(logs):
        if record.session_id == stamped["session"] and isinstance(record.event, CellStart):
            log = record.path
            if record.envelope.span_id == stamped.get("span"):
                start = record.event
                break
    return Origin(
        found_by="stamp", session_id=str(stamped["session"]), cell=start.execution_count if start else None,
        source=start.source if start else None, input_hash=stamped.get("input"), seed=stamped.get("seed"),
        git_sha=stamped.get("commit"), log=log,
    )  # fmt: skip


def _by_digest(digests: set[str], logs: str | os.PathLike[str]) -> Iterator[Origin]:
    """Yield the executions that wrote or showed a content, the latest first."""
    cells = CellTracker()
    found = []
    for record in _records(logs):
        cell = cells.see(record)
        match record.event:
            case FileWrite(sha256=digest) if digest in digests:
                found.append((record, cell))
            case CellOutput(mime=mime) if any(content.sha256 in digests for content in mime.values()):
                found.append((record, cell))
            case _:
                continue
    for record, cell in reversed(found):
        known = record.envelope.provenance
        yield Origin(
            found_by="digest", session_id=record.session_id, cell=cell.count if cell else None,
            source=cell.source if cell else None, input_hash=known.input_hash, seed=known.random_seed,
            git_sha=known.git_sha, log=record.path,
        )  # fmt: skip


def _records(logs: str | os.PathLike[str]) -> Iterator[Record]:
    """Yield all records of a folder of logs; none if the folder does not exist."""
    if Path(logs).exists():
        yield from read(logs, session="all")
