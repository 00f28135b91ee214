"""`Contents`: values that were kept in the object store of a log, by their digests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.events.format.files import NDJSON_FOLDER, is_digest, object_path
from ithtel.reading.lines.source import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.log import Log


class Contents:
    """Looks contents up in the stores of several logs; content that does not match its digest counts as not kept."""

    def __init__(self, log_dirs: Iterable[Path]) -> None:
        self.log_dirs = list(dict.fromkeys(log_dirs))

    @classmethod
    def beside(cls, *logs: Log) -> Contents:
        """Return the stores in the folders of these logs."""
        return cls(log_dir_of(Path(log.name)) for log in logs if log.name != MEMORY)

    def path(self, sha256: str) -> Path | None:
        """Return the file that may hold a content: its digest must be checked. None if it was not kept."""
        if not is_digest(sha256):
            return None
        paths = (object_path(log_dir, sha256) for log_dir in self.log_dirs)
        return next((path for path in paths if path.is_file()), None)

    def __call__(self, sha256: str) -> bytes | None:
        """Return a content; None if it was not kept or is damaged."""
        path = self.path(sha256)
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None


def log_dir_of(source: Path) -> Path:
    """Return the log folder of a log file or of its `ndjson` folder; a log folder itself unchanged.

    >>> log_dir_of(Path("logs/ndjson/demo.jsonl")).as_posix()
    'logs'
    """
    folder = source if source.is_dir() else source.parent
    return folder.parent if folder.name == NDJSON_FOLDER else folder
