"""Exchanges are heard from each HTTP client, and given back when the server is gone."""

from __future__ import annotations

import asyncio
import sys
import urllib.request
from importlib import util
from typing import TYPE_CHECKING

import httpx
import pytest
import requests

from ithtel.errors import MissingPackageError
from ithtel.provenance.network.cassette import NetworkTap, NoRecordedAnswerError, require_network
from ithtel.provenance.network.exchange import Cleaner, Exchange, decoded
from ithtel.recording.secrets.patterns import says_secret
from web import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLEANER = Cleaner(says_secret, str)


def by_urllib(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def by_httpx_async(url: str) -> bytes:
    async def get() -> bytes:
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).content

    return asyncio.run(get())


def by_session(url: str) -> bytes:
    with requests.Session() as session:
        return session.get(url, headers={"Authorization": "Bearer hunter2"}).content


CLIENTS: list[Callable[[str], bytes]] = [
    by_urllib,
    lambda url: requests.get(url, timeout=9).content,
    by_session,
    lambda url: requests.get(url, stream=True, timeout=9).raw.read(decode_content=True),
    lambda url: httpx.get(url).content,
    by_httpx_async,
]


@pytest.fixture
def tap() -> Iterator[NetworkTap]:
    """A tap for one test."""
    made = NetworkTap(lambda: CLEANER)
    yield made
    made.close()


def heard(tap: NetworkTap, ask: Callable[[str], object]) -> tuple[str, list[Exchange]]:
    """Ask a server while the tap hears; return the server's URL and what was heard, as it is read from the disk."""
    tap.hear()
    with server() as url:
        ask(url)
    found = [decoded(each.encoded()) for each in tap.heard()]
    tap.close()
    return url, found


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("path", ["/x?a=1", "/gzip"])
def test_each_client_gets_the_same_answers_without_a_server(
    tap: NetworkTap, client: Callable[[str], bytes], path: str
) -> None:
    """Two requests to one address get their two answers, in order; a third one has none."""
    answers: list[bytes] = []
    url, exchanges = heard(tap, lambda url: answers.extend([client(url + path), client(url + path)]))
    if client is by_urllib and path == "/gzip":
        return  # it leaves decompressing to the user
    tap.answer(exchanges)
    assert answers == [client(url + path), client(url + path)]
    assert answers[0] != answers[1]
    with pytest.raises(NoRecordedAnswerError, match=r"GET http://127.0.0.1:\d+/\S+ has no recorded answer: record the"):
        client(url + path)


def test_credentials_are_not_kept_and_not_needed(tap: NetworkTap) -> None:
    """Neither of the headers nor of the query nor of a redirect; a replay may have others."""

    def ask(url: str) -> None:
        requests.get(f"{url}/?api_key=hunter2&day=1", headers={"X-Api-Key": "hunter2"}, timeout=9)
        requests.get(f"{url}/away", auth=("me", "hunter2"), timeout=9)

    url, exchanges = heard(tap, ask)
    kept = b"".join(each.encoded() for each in exchanges)
    assert [] == [word for word in (b"hunter2", b"swordfish", b"open-sesame") if word in kept]
    tap.answer(exchanges)
    assert 200 == requests.get(f"{url}/?api_key=other&day=1", timeout=9).status_code
    assert "/?token=[redacted]&day=2" == exchanges[1].headers["Location"][0]
    assert 200 == requests.get(f"{url}/away", timeout=9).status_code


def test_the_body_of_a_request_distinguishes_it(tap: NetworkTap) -> None:
    """Also that of an upload, whose boundary is random."""

    def ask(url: str) -> list[bytes]:
        posted = [requests.post(url, json={"n": n}, timeout=9).content for n in (2, 1)]
        return [*posted, len(requests.post(url, files={"f": b"data"}, timeout=9).content).to_bytes(4, "big")]

    first: list[bytes] = []
    url, exchanges = heard(tap, lambda url: first.extend(ask(url)))
    tap.answer(exchanges)
    assert first == ask(url)
    with pytest.raises(NoRecordedAnswerError, match="POST"):
        requests.post(url, json={"n": 3}, timeout=9)


def test_a_tap_that_is_closed_leaves_no_trace(tap: NetworkTap) -> None:
    """The clients are as they were before."""
    import http.client

    before = http.client.HTTPConnection
    tap.hear()
    assert tap.is_open
    tap.close()
    assert before is http.client.HTTPConnection
    assert not tap.is_open
    assert [] == tap.heard()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command that installs it."""
    require_network()
    monkeypatch.setitem(sys.modules, "vcr", None)
    monkeypatch.setattr(util, "find_spec", lambda _name: None)
    with pytest.raises(MissingPackageError, match=r"pip install 'ithtel\[network\]'"):
        require_network()
