"""Contents are looked up by their digests, and checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ithtel.reading.lines.log import Log
from ithtel.reading.lines.object_store import Contents, log_dir_of, object_path  # type: ignore[attr-defined]

CONTENT = b"1,2,3"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def keep(content: bytes) -> Contents:
    """Store a content under the digest of `CONTENT`."""
    path = object_path(Path("logs"), DIGEST)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return Contents([Path("elsewhere"), Path("logs")])


def test_a_content_is_found_in_any_of_the_stores() -> None:
    """The first store that has it is used."""
    assert CONTENT == keep(CONTENT)(DIGEST)


def test_a_damaged_content_counts_as_not_kept() -> None:
    """Its digest does not match."""
    assert keep(b"1,2,4")(DIGEST) is None


def test_what_was_not_kept_is_none() -> None:
    """A log in memory has no store."""
    assert Contents.beside(Log.from_lines([]))(DIGEST) is None


@pytest.mark.parametrize("source", ["logs", "logs/ndjson", "logs/ndjson/a.jsonl"])
def test_a_file_and_its_folders_have_one_log_folder(source: str) -> None:
    """So that all three find the same store."""
    Path("logs/ndjson").mkdir(parents=True)
    assert Path("logs") == log_dir_of(Path(source))
