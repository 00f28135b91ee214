"""`LogFile`, `log_path`, `parse_path`, `parts_of`: the names of the files of a log."""

from __future__ import annotations

import glob
import re
from typing import TYPE_CHECKING

import msgspec

from ithtel.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

NDJSON_FOLDER = "ndjson"
OBJECTS_FOLDER = "objects"
LIVE = "~"
"""Sorts after the time of every rotated part."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(
    r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.\-]*?)"
    r"(?:\.(?P<rotated>\d{8}-\d{6})\.(?P<number>\d+))?\.jsonl(?:\.(?P<compression>gz|zst))?"
)


class LogFile(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One file of a session: the live file, or a rotated part (`rotated` is `YYYYMMDD-HHMMSS`)."""

    name: str
    rotated: str | None
    number: int | None
    compression: str | None
    path: Path

    @property
    def place(self) -> tuple[str, int]:
        """The sort key among the files of a session: parts by time and number, then the live file."""
        return self.rotated or LIVE, self.number or 0


def log_path(log_dir: Path, name: str) -> Path:
    """Return the file that the session `name` writes.

    >>> from pathlib import Path
    >>> log_path(Path("logs"), "demo").as_posix()
    'logs/ndjson/demo.jsonl'
    """
    return log_dir / NDJSON_FOLDER / f"{check_name(name)}.jsonl"


def check_name(name: str) -> str:
    """Return `name` if it is a valid name for a session and its file.

    Raises:
        InputError: It is empty, too long, or has an unsuitable character.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise InputError(
            f"{name!r} cannot name a session: use 1 to 100 letters, digits, '_', '-' and '.', not starting with '.' or"
            " '-'"
        )
    return name


def safe_name(text: str) -> str:
    """Return `text` with the characters replaced that a session name cannot have.

    >>> safe_name("my notebook (1)")
    'my_notebook_1'
    """
    return re.sub(r"[^A-Za-z0-9_.\-]+", "_", text).strip("_.-")[:100] or "notebook"


def parse_path(path: Path) -> LogFile | None:
    """Return what the name of a log file says, None where it is not one of ours."""
    match = _FILE.fullmatch(path.name)
    if match is None:
        return None
    number = match["number"]
    return LogFile(
        name=match["name"],
        rotated=match["rotated"],
        number=int(number) if number else None,
        compression=match["compression"],
        path=path,
    )


def is_log(path: Path) -> bool:
    """Return whether a file is part of a log, judging by its name and folder.

    >>> from pathlib import Path
    >>> is_log(Path("logs/ndjson/demo.jsonl")), is_log(Path("data/demo.jsonl"))
    (True, False)
    """
    return path.parent.name == NDJSON_FOLDER and parse_path(path) is not None


def rotated_path(path: Path, name: str, stamp: str, number: int) -> Path:
    """Return the path of the live file `path` after its rotation.

    >>> from pathlib import Path
    >>> rotated_path(Path("ndjson/demo.jsonl"), "demo", "20260125-120000", 0).name
    'demo.20260125-120000.0.jsonl'
    """
    return path.with_name(f"{name}.{stamp}.{number}.jsonl")


def parts_of(folder: Path, name: str) -> list[LogFile]:
    """Return the rotated parts of the session `name`, in no order, with one entry per form of a part.

    A reader takes one form of each part (`LogFile.place`): the plain one while it exists, because the compressed one is
    complete only just before the plain one is removed.
    """
    found = [parse_path(path) for path in folder.glob(f"{glob.escape(name)}.*.jsonl*")]
    return [part for part in found if part is not None and part.name == name and part.rotated is not None]


def is_digest(text: str) -> bool:
    """Return whether a text is a SHA-256 digest: 64 hexadecimal digits in lower case.

    >>> is_digest("ab" * 32), is_digest("../../etc/passwd")
    (True, False)
    """
    return _DIGEST.fullmatch(text) is not None


def object_path(log_dir: Path, sha256: str) -> Path:
    """Return the file that keeps the content with this digest.

    Raises:
        InputError: It is not a digest: a log may have been written by anybody.

    >>> from pathlib import Path
    >>> object_path(Path("logs"), "ab" + "0" * 62).parent.as_posix()
    'logs/objects/sha256/ab'
    """
    if not is_digest(sha256):
        raise InputError(f"expected a digest of 64 hexadecimal digits, got {sha256[:80]!r}")
    return log_dir / OBJECTS_FOLDER / "sha256" / sha256[:2] / sha256[2:]
