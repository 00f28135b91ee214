"""What is kept of an HTTP exchange."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ithtel.provenance.network.exchange import Cleaner, clean_url, decoded, exchange_of, key_of
from ithtel.recording.secrets.patterns import says_secret
from ithtel.recording.secrets.redaction import Redactor

CLEANER = Cleaner(says_secret, Redactor(environ={"MY_TOKEN": "correct-horse"}).text)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.org/x?b=1&c=2", "https://a.org/x?b=1&c=2"),
        ("https://a.org/x?access_token=abc&c=a b", "https://a.org/x?access_token=[redacted]&c=a%20b"),
        ("https://a.org/x?X-Amz-Signature=abc&sig=1", "https://a.org/x?X-Amz-Signature=[redacted]&sig=[redacted]"),
        ("https://user:pass@a.org:8080/", "https://redacted@a.org:8080/"),
        ("https://a.org/bot/correct-horse/send", "https://a.org/bot/[redacted]/send"),
    ],
)
def test_the_credentials_in_a_url_are_replaced(url: str, kept: str) -> None:
    """By the name of the parameter, by the place, and by their known value; a clean URL stays as it is."""
    assert kept == clean_url(url, CLEANER)
    assert kept == clean_url(kept, CLEANER)


def test_an_exchange_reads_back() -> None:
    """Bytes that are not text, too; known secrets in a text are replaced."""
    request: Any = SimpleNamespace(method="GET", uri="http://a.org", body=None, headers={})
    for body, kept in ((b"\xff\x00", b"\xff\x00"), (b"my correct-horse", b"my [redacted]"), ("text", b"text")):
        response = {"status": {"code": 200, "message": "OK"}, "headers": {"A": ["1"]}, "body": {"string": body}}
        exchange = exchange_of(request, response, CLEANER)
        assert exchange == decoded(exchange.encoded())
        assert kept == exchange.body
        assert key_of(request, CLEANER) == exchange.key


def test_the_body_of_a_request_may_be_read_in_parts() -> None:
    """Its digest is that of the whole."""
    parts: Any = SimpleNamespace(method="POST", uri="http://a.org", body=iter([b"a", "b"]), headers={})
    whole: Any = SimpleNamespace(method="POST", uri="http://a.org", body="ab", headers={})
    assert key_of(whole, CLEANER) == key_of(parts, CLEANER)
