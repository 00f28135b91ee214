"""`answer_requests`: answers the HTTP requests of replayed cells from the exchanges that were kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.provenance.network.cassette import NetworkTap
from ithtel.provenance.network.exchange import Cleaner, decoded
from ithtel.recording import process
from ithtel.recording.secrets.patterns import says_secret

if TYPE_CHECKING:
    from collections.abc import Iterable


def answer_requests(paths: Iterable[str]) -> NetworkTap:
    """Answer requests from the files of exchanges, each once and in order; a request without one fails.

    Raises:
        MissingPackageError: vcrpy is not installed.
    """
    tap = NetworkTap(_cleaner)
    tap.answer([decoded(Path(path).read_bytes()) for path in paths])
    return tap


def _cleaner() -> Cleaner:
    session = process.current()
    return Cleaner(says_secret, str if session is None else session.redactor.text)
