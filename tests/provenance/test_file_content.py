"""Formats that hold dates or ids have a digest without them."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ithtel.provenance.file_content import MAX_BYTES, FileContent, file_content

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_870_000.0  # 2026-11-28


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: bytes, text: bytes, level: int = 6) -> bytes:
    """Return a picture of one grey pixel."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"tEXt", text), (b"IDAT", zlib.compress(b"\0" + pixels, level)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def xlsx(value: str, date: str, year: int) -> bytes:
    """Return an archive like that of a spreadsheet."""
    created = f'<dcterms:created xsi:type="dcterms:W3CDTF">{date}</dcterms:created>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in (("docProps/core.xml", created), ("xl/sheet1.xml", value)):
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


def pdf(text: str, date: str) -> bytes:
    return f"%PDF-1.4\n<< /CreationDate (D:{date}) >>\n({text}) Tj\n/ID [<{date}><{date}>]\n".encode()


def svg(path: str, date: str, key: str) -> bytes:
    metadata = f"<metadata><dc:date>{date}</dc:date></metadata>"
    return f'<?xml version="1.0"?><svg>{metadata}<path id="m{key}" d="{path}"/><use href="#m{key}"/></svg>'.encode()


SAME = [
    ("a.png", png(b"\x10", b"Software\0one"), png(b"\x10", b"Software\0two", 0), png(b"\x11", b"Software\0one")),
    ("a.xlsx", xlsx("1", "2026-01-01", 2020), xlsx("1", "2026-02-02", 2021), xlsx("2", "2026-01-01", 2020)),
    ("a.csv.gz", gzip.compress(b"1,2", mtime=1), gzip.compress(b"1,2", mtime=2), gzip.compress(b"1,3", mtime=1)),
    ("a.pdf", pdf("x", "20260101"), pdf("x", "20260202"), pdf("y", "20260101")),
    ("a.svg", svg("M0", "2026", "0123456789"), svg("M0", "2027", "abcdef0123"), svg("M1", "2026", "0123456789")),
    ("a.eps", b"%!PS\n%%CreationDate: 1\n1", b"%!PS\n%%CreationDate: 2\n1", b"%!PS\n%%CreationDate: 1\n2"),
    ("a.log", b"2026-11-28 10:00:00,1 a", b"2026-11-28 11:00:00,2 a", b"2026-11-28 10:00:00,1 b"),
    ("a.txt", b"Sat Nov 28 10:00:00 2026 a", b"Sat Nov 28 11:00:00 2026 a", b"Sat Nov 28 10:00:00 2026 b"),
    (
        "a.html",
        b"<p id='6a1f0c1e-0f4b-4c58-9a55-0d6c1f1f2a10'>1",
        b"<p id='7b2f0c1e-0f4b-4c58-9a55-0d6c1f1f2a11'>1",
        b"<p id='6a1f0c1e-0f4b-4c58-9a55-0d6c1f1f2a10'>2",
    ),
]


def content_of(folder: Path, name: str, content: bytes) -> FileContent:
    """Return the content of a file with these bytes."""
    (folder / name).write_bytes(content)
    return file_content(folder / name, now_s=NOW)


@pytest.mark.parametrize(("name", "one", "same", "_other"), SAME, ids=[each[0] for each in SAME])
def test_dates_and_ids_do_not_count(tmp_path: Path, name: str, one: bytes, same: bytes, _other: bytes) -> None:
    """Two files that hold the same have one digest."""
    found = content_of(tmp_path, name, one)
    assert found.digest is not None
    assert found == content_of(tmp_path, name, same)


@pytest.mark.parametrize(("name", "one", "_same", "other"), SAME, ids=[each[0] for each in SAME])
def test_everything_else_counts(tmp_path: Path, name: str, one: bytes, _same: bytes, other: bytes) -> None:
    """Two files that hold something else have two digests."""
    assert content_of(tmp_path, name, one) != content_of(tmp_path, name, other)


@pytest.mark.parametrize("content", [b"a,b\n2020-01-01,1\n", b"", b"\xff\xfe\x00 2026-11-28"])
def test_a_file_without_anything_volatile_has_no_digest_of_its_own(tmp_path: Path, content: bytes) -> None:
    """Its bytes are compared."""
    assert FileContent() == content_of(tmp_path, "a.csv", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pkl", pickle.dumps([1])),
        ("model.bin", pickle.dumps([1])),
        ("a.joblib", b"anything"),
        ("child.pid", b"4711"),
        ("a.h5", b"\x89HDF\r\n\x1a\n"),
        ("a.pkl.gz", gzip.compress(pickle.dumps([1]), mtime=0)),
    ],
)
def test_what_cannot_be_read_safely_has_a_reason(tmp_path: Path, name: str, content: bytes) -> None:
    """Nothing is unpickled."""
    found = content_of(tmp_path, name, content)
    assert found.digest is None
    assert found.reason


def test_an_unpickled_file_would_leave_a_mark(tmp_path: Path) -> None:
    """A pickle that runs something when it is loaded does not run it."""

    class Mark:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("unpickled",)

    assert content_of(tmp_path, "a.pkl", pickle.dumps(Mark())).digest is None


@pytest.mark.parametrize(
    "packed", [gzip.compress(bytes(MAX_BYTES + 1), 1, mtime=0), b"\x1f\x8bnot gzip", b"PK\x03\x04not zip"]
)
def test_bombs_and_broken_files_are_compared_by_their_bytes(tmp_path: Path, packed: bytes) -> None:
    """They are not unpacked whole."""
    assert FileContent() == content_of(tmp_path, "a.csv.gz", packed)


def test_the_dates_of_an_array_archive_do_not_count(tmp_path: Path) -> None:
    """Members are compared by name and content."""
    made = [io.BytesIO(), io.BytesIO()]
    for file, value in zip(made, (1, 2), strict=True):
        np.savez(file, x=np.array([value]))
    one, other = (content_of(tmp_path, "a.npz", each.getvalue()) for each in made)
    assert one.digest is not None
    assert one != other
