"""The requests of a replayed kernel are answered from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from ithtel.provenance.network.cassette import NoRecordedAnswerError
from ithtel.provenance.network.exchange import Exchange
from ithtel.replay.kernel.network import answer_requests

if TYPE_CHECKING:
    from pathlib import Path


def test_requests_are_answered_from_files(tmp_path: Path) -> None:
    """And a request without a file fails, with its URL in the error."""
    exchange = Exchange(
        method="GET", url="http://no.example/x?token=[redacted]", request_sha256=None, status=200, reason="OK",
        headers={}, body=b"kept",
    )  # fmt: skip
    file = tmp_path / "exchange"
    file.write_bytes(exchange.encoded())
    tap = answer_requests([str(file)])
    try:
        assert b"kept" == requests.get("http://no.example/x?token=abc", timeout=9).content
        with pytest.raises(NoRecordedAnswerError, match=r"GET http://no.example/y has no recorded answer"):
            requests.get("http://no.example/y", timeout=9)
    finally:
        tap.close()
