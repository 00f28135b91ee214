"""`private=True`: what an event may still say where the data must not leave the notebook."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ithtel.events import (
    ArrayFingerprint,
    CellEnd,
    CellOutput,
    CellPrior,
    CellStart,
    DataLoad,
    Event,
    ExceptionInfo,
    FileRead,
    FileWrite,
    FrameFingerprint,
    ObjectFingerprint,
    SeriesSketch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E", bound=Event)
NOT_RECORDED = "not recorded: the session is private"


class Privacy:
    """Takes text and values out of events, and keys every digest: a plain one of few values can be guessed.

    The key is made anew for each session and kept nowhere, so digests compare within a session, and with nothing else.

    >>> from ithtel.events import CellPrior
    >>> Privacy(b"key").event(CellPrior(execution_count=1, source="salary = 1")).source
    ''
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def event(self, event: E) -> E:
        """Return what may be written of `event`."""
        change = _CHANGES.get(type(event))
        changes: dict[str, Any] = {} if change is None else change(self, event)
        for name in ("input_hash", "output_hash"):
            if getattr(event, name, None) is not None:
                changes[name] = self.digest(getattr(event, name))
        return msgspec.structs.replace(event, **changes) if changes else event

    def exception(self, exception: ExceptionInfo) -> ExceptionInfo:
        """Return the type of an exception, without what it says."""
        return msgspec.structs.replace(exception, value="", traceback="")

    def digest(self, digest: str | None) -> str | None:
        """Return a digest of the same form that only who has the key could make."""
        if digest is None:
            return None
        prefix, _, digits = digest.rpartition(":")
        keyed = hmac.digest(self._key, digits.encode(), hashlib.sha256).hex()[: len(digits)]
        return f"{prefix}:{keyed}" if prefix else keyed

    def _digests(self, digests: list[str] | None) -> list[str] | None:
        return None if digests is None else [self.digest(each) or "" for each in digests]

    def _start(self, event: CellStart) -> dict[str, Any]:
        return {"source": None, "source_sha256": self.digest(event.source_sha256)}

    def _end(self, event: CellEnd) -> dict[str, Any]:
        error = event.error
        silent = None if error is None else msgspec.structs.replace(error, evalue="", traceback=[])
        return {"error": silent, "skipped": dict.fromkeys(event.skipped, NOT_RECORDED)}

    def _output(self, event: CellOutput) -> dict[str, Any]:
        mime = {
            kind: msgspec.structs.replace(content, sha256=self.digest(content.sha256))
            for kind, content in event.mime.items()
        }
        return {"text": None, "mime": mime}

    def _array(self, event: ArrayFingerprint) -> dict[str, Any]:
        return {
            "range": None,
            "sketch": None,
            "fingerprint": self.digest(event.fingerprint),
            "sha256": self.digest(event.sha256),
            "checksum_first_10": self.digest(event.checksum_first_10),
            "prefix_sha256": self._digests(event.prefix_sha256),
            "index_fingerprints": self._digests(event.index_fingerprints),
        }

    def _column(self, event: ArrayFingerprint, place: int, what: str) -> ArrayFingerprint:
        return msgspec.structs.replace(event, name=f"{what} {place}", **self._array(event))

    def _frame(self, event: FrameFingerprint) -> dict[str, Any]:
        columns = [self._column(column, place, "column") for place, column in enumerate(event.columns.values(), 1)]
        return {
            "fingerprint": self.digest(event.fingerprint),
            "sha256": self.digest(event.sha256),
            "columns": {column.name: column for column in columns},
            "index": [self._column(level, place, "level") for place, level in enumerate(event.index, 1)],
        }

    def _object(self, event: ObjectFingerprint) -> dict[str, Any]:
        reason = None if event.reason is None else NOT_RECORDED
        return {"fingerprint": self.digest(event.fingerprint), "reason": reason}

    def _load(self, event: DataLoad) -> dict[str, Any]:
        return {"sha256_hash": self.digest(event.sha256_hash), "schema": {}, "value_range": {}}

    def _file(self, event: FileRead | FileWrite) -> dict[str, Any]:
        return {"sha256": self.digest(event.sha256)}


_CHANGES: dict[type[Event], Callable[[Privacy, Any], dict[str, Any]]] = {
    CellStart: Privacy._start,  # noqa: SLF001 - this module's own
    CellPrior: lambda _, __: {"source": ""},
    CellEnd: Privacy._end,  # noqa: SLF001
    CellOutput: Privacy._output,  # noqa: SLF001
    ArrayFingerprint: Privacy._array,  # noqa: SLF001
    FrameFingerprint: Privacy._frame,  # noqa: SLF001
    ObjectFingerprint: Privacy._object,  # noqa: SLF001
    DataLoad: Privacy._load,  # noqa: SLF001
    FileRead: Privacy._file,  # noqa: SLF001
    FileWrite: Privacy._file,  # noqa: SLF001
    SeriesSketch: lambda _, __: {"first": [], "min": [], "max": [], "last": []},
}
