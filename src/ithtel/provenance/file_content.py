"""`file_content`: a digest of what a file means, for formats whose bytes hold dates or ids that differ in every run."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import time
import zipfile
import zlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from ithtel.provenance.shown_text import stable

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64_000_000
"""Larger files, and files that hold more than this, are compared by their bytes only."""
_HEAD_BYTES = 512
_DAY_S = 86_400
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"})
_PDF_DATES = re.compile(
    rb"/(?:CreationDate|ModDate)\s*(?:\([^)]*\)|<[0-9A-Fa-f]*>)|/ID\s*\[[^\]]*\]"
    rb"|<(xmp:\w+Date|xmpMM:\w+ID|pdf:\w+Date)>[^<]*</\1>"
)
_PS_DATES = re.compile(rb"(?m)^%%CreationDate:.*$")
_OFFICE_DATES = re.compile(rb"<((?:dcterms|dc|meta):(?:created|modified|date|creation-date))\b[^>]*>[^<]*</\1>")
_OFFICE_PROPERTIES = frozenset({"docProps/core.xml", "meta.xml"})
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_UUID_PART = re.compile(r"-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-")
"""Looked for first, because a search that begins with a character takes a tenth of the time."""
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_TIME = r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_BY_HEAD: tuple[tuple[bytes, str], ...] = (
    (_PNG, "png"), (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"%PDF", "pdf"),
    (b"%!PS", "postscript"), (b"PAR1", "parquet"),
)  # fmt: skip
_OPAQUE: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file may hold the time at which it was written"),
)
_PICKLE = "different bytes of a pickle may hold equal values"
_PICKLES = frozenset({".pkl", ".pickle", ".joblib", ".sav", ".pt", ".pth"})
_TEXTS = frozenset({".html", ".htm", ".log", ".txt", ".md", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".yaml", ".yml"})


class FileContent(NamedTuple):
    """`digest` is None for formats that hold nothing volatile; `reason` says why other bytes may be equal content."""

    digest: str | None = None
    reason: str | None = None


class _UnreadableError(Exception):
    """A file that is not what it looks like, or that holds too much."""


def file_content(path: str | Path, *, now_s: float | None = None) -> FileContent:
    """Return the digest of a file without the dates and ids that its format holds.

    It reads PNG, SVG, PDF, PostScript, gzip, zip (also xlsx, docx, npz), and texts that hold the present date or
    UUIDs; Parquet if Arrow is loaded. Nothing is unpickled: pickles, HDF5 and tar files get a reason instead.

    Args:
        path: An ordinary file.
        now_s: The present time in seconds since 1970; the system clock's unless given.

    Raises:
        OSError: The file cannot be read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".csv") as file:
    ...     file_content(file.name)
    FileContent(digest=None, reason=None)
    """
    file = Path(path)
    with file.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
        kind, reason = _kind(head, file)
        if kind is None:
            return FileContent(None, reason)
        content = head + opened.read(MAX_BYTES + 1 - len(head))
    if len(content) > MAX_BYTES:
        if kind in {"text", "parquet"}:
            return FileContent()
        return FileContent(None, "the file is too large to be read without the dates in it")
    return _of(content, file, time.time() if now_s is None else now_s, depth=0)


def _of(content: bytes, name: PurePath, now_s: float, depth: int) -> FileContent:
    kind, reason = _kind(content[:_HEAD_BYTES], name)
    if kind is None:
        return FileContent(None, reason)
    try:
        if kind in {"gzip", "zip"}:
            parts, reason = _packed(kind, content, name, now_s, depth)
        else:
            parts = list(_parts(kind, content, now_s))
    except (_UnreadableError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError):
        return FileContent(None, None)
    if reason is not None:
        return FileContent(None, reason)
    if kind == "text" and parts == [content]:
        return FileContent()
    return FileContent(f"{kind}:sha256:{_digest(parts)}")


def _kind(head: bytes, name: PurePath) -> tuple[str | None, str | None]:  # noqa: PLR0911 - a table
    """Return what to read a file as, and why it cannot be read, judging by its first bytes and its name."""
    suffix = name.suffix.lower()
    for start, kind in _BY_HEAD:
        if head.startswith(start):
            return kind, None
    for start, reason in _OPAQUE:
        if head.startswith(start):
            return None, reason
    if head[257:262] == b"ustar":
        return None, "an archive holds the dates of its files"
    if suffix == ".pid":
        return None, "it holds the number of a process"
    if suffix in _PICKLES or (head[:1] == b"\x80" and head[1:2] in {b"\2", b"\3", b"\4", b"\5"}):
        return None, _PICKLE
    if suffix == ".svg" or (head.lstrip().startswith((b"<?xml", b"<svg")) and b"<svg" in head):
        return "svg", None
    return ("text", None) if suffix in _TEXTS or not suffix else (None, None)


def _parts(kind: str, content: bytes, now_s: float) -> Iterator[bytes]:
    """Yield what counts of a file that holds no other files."""
    if kind == "png":
        yield from _png(content)
    elif kind == "pdf":
        yield _PDF_DATES.sub(b"", content)
    elif kind == "postscript":
        yield _PS_DATES.sub(b"", content)
    elif kind == "svg":
        yield stable(_METADATA.sub("", content.decode("utf-8")), "image/svg+xml").encode("utf-8")
    elif kind == "parquet":
        yield _parquet(content)
    else:
        yield _text(content, now_s)


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks of a picture without its texts and times, and its pixels without their compression."""
    at, pixels = len(_PNG), zlib.decompressobj()
    n_bytes = 0
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IDAT":
            plain = pixels.decompress(data, MAX_BYTES - n_bytes + 1)
            n_bytes += len(plain)
            if n_bytes > MAX_BYTES:
                raise _UnreadableError
            yield plain
        elif kind not in _PNG_TEXT:
            yield kind + data


def _parquet(content: bytes) -> bytes:
    """Return the fingerprint of a table without the name of the library that wrote it, if Arrow is loaded."""
    reader = sys.modules.get("pyarrow.parquet")
    if reader is None:
        raise _UnreadableError
    try:
        table = reader.read_table(io.BytesIO(content), use_threads=False)
    except Exception as error:
        raise _UnreadableError from error
    from ithtel.provenance.fingerprint import fingerprint

    found = fingerprint(table).fingerprint
    if found is None:
        raise _UnreadableError
    return found.encode()


def _packed(kind: str, content: bytes, name: PurePath, now_s: float, depth: int) -> tuple[list[bytes], str | None]:
    """Return what counts of the files in a file, and why one of them cannot be compared."""
    if depth > 2:  # noqa: PLR2004 - an archive within an archive within an archive
        raise _UnreadableError
    parts: list[bytes] = []
    for inner, plain in [(name.with_suffix(""), _gunzip(content))] if kind == "gzip" else _members(content):
        found = _of(plain, inner, now_s, depth + 1)
        if found.reason is not None:
            return [], found.reason
        digest = found.digest or hashlib.sha256(plain).hexdigest()
        parts.append(digest.encode() if kind == "gzip" else f"{inner.as_posix()}\0{digest}\0".encode())
    return parts, None


def _gunzip(content: bytes) -> bytes:
    plain = bytearray()
    while content:
        one = zlib.decompressobj(wbits=31)
        plain += one.decompress(content, MAX_BYTES - len(plain) + 1)
        if len(plain) > MAX_BYTES or not one.eof:
            raise _UnreadableError
        content = one.unused_data.lstrip(b"\0")
    return bytes(plain)


def _members(content: bytes) -> Iterator[tuple[PurePath, bytes]]:
    """Yield the files in a zip archive, sorted by name, without the dates that office programs write into them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = sorted(archive.infolist(), key=lambda each: each.filename)
        if sum(each.file_size for each in members) > MAX_BYTES:
            raise _UnreadableError
        for each in members:
            with archive.open(each) as opened:
                plain = opened.read(MAX_BYTES)
            if each.filename in _OFFICE_PROPERTIES:
                plain = _OFFICE_DATES.sub(b"", plain)
            yield PurePath(each.filename), plain


def _text(content: bytes, now_s: float) -> bytes:
    """Return a text with present times, and UUIDs in the order of their appearance, replaced."""
    days = [time.gmtime(now_s + shift * _DAY_S) for shift in (-1, 0, 1)]
    dates = [time.strftime("%Y-%m-%d", day) for day in days]
    words = [time.strftime("%b %d", day).replace(" 0", "  ") for day in days]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    if any(date in text for date in dates):
        text = re.sub(rf"(?:{'|'.join(dates)}){_TIME}", "(time)", text)
    if any(word in text for word in words):
        text = re.sub(rf"\b[A-Z][a-z]{{2}} (?:{'|'.join(words)}) \d\d:\d\d:\d\d \d{{4}}\b", "(time)", text)
    known: dict[str, str] = {}
    if _UUID_PART.search(text) is not None:
        text = _UUID.sub(lambda found: known.setdefault(found[0].lower(), f"(id {len(known)})"), text)
    return text.encode("utf-8")


def _digest(parts: list[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
