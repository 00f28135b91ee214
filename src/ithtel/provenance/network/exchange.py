"""`Exchange`, `key_of`, `clean_url`: one HTTP request and its answer, as it is kept and found again.

What is kept of a request is only what recognises it: the method, the URL and a digest of the body, all without
credentials. Its headers are not kept.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HIDDEN = "[redacted]"
_TOKEN = re.compile(r"\[redacted:[^\]]*\]")
_COOKIES = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authenticate", "www-authenticate"})
_ALSO_SECRET = frozenset(
    {"auth", "sig", "signature", "code", "session", "sid", "jwt", "sas", "authorization", "cookie"}
)
_BOUNDARY = re.compile(r"boundary=\"?([^\";,]+)")
_MAX_CLEANED = 1_000_000
"""Longer bodies are not searched for secrets: that would take longer than a person waits."""


class Cleaner(NamedTuple):
    """How secrets are recognised.

    Attributes:
        is_secret: Returns whether the name of a parameter or header suggests that its value is a secret.
        text: Returns a text with the known secrets in it replaced.
    """

    is_secret: Callable[[str], bool]
    text: Callable[[str], str]

    def hides(self, name: str) -> bool:
        """Return whether the value of a parameter or header must not be kept."""
        return not _ALSO_SECRET.isdisjoint(re.split(r"[-_.]", name.lower())) or self.is_secret(name)

    def plain(self, text: str) -> str:
        """Return a text in which each secret is the same mark, which no two sessions tell apart."""
        return _TOKEN.sub(HIDDEN, self.text(text))


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its answer."""

    method: str
    url: str
    request_sha256: str | None
    """Digest of the body of the request; None if it had none."""
    status: int
    reason: str
    headers: dict[str, list[str]]
    body: bytes

    def encoded(self) -> bytes:
        """Return the exchange as JSON; equal exchanges have equal bytes."""
        return msgspec.json.encode(self)

    @property
    def key(self) -> RequestKey:
        """What the request is recognised by."""
        return RequestKey(self.method, self.url, self.request_sha256)

    def response(self) -> dict[str, Any]:
        """Return the answer in the form of vcrpy."""
        return {
            "status": {"code": self.status, "message": self.reason},
            "headers": {name: list(values) for name, values in self.headers.items()},
            "body": {"string": self.body},
        }


class RequestKey(NamedTuple):
    """What a request is recognised by."""

    method: str
    url: str
    body_sha256: str | None


def decoded(content: bytes) -> Exchange:
    """Return the exchange that `encoded` wrote."""
    return msgspec.json.decode(content, type=Exchange)


def key_of(request: Any, cleaner: Cleaner) -> RequestKey:  # noqa: ANN401 - vcr.request.Request
    """Return what a request is recognised by, without its credentials."""
    return RequestKey(str(request.method), clean_url(str(request.uri), cleaner), _digest(request, cleaner))


def exchange_of(request: Any, response: Mapping[str, Any], cleaner: Cleaner) -> Exchange:  # noqa: ANN401
    """Return what is kept of a request and its answer, which are objects of vcrpy."""
    method, url, digest = key_of(request, cleaner)
    status = response["status"]
    body = response["body"].get("string") or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Exchange(
        method=method, url=url, request_sha256=digest, status=int(status["code"]), reason=str(status["message"] or ""),
        headers=dict(_clean_headers(response["headers"], cleaner)), body=_clean_body(content, cleaner),
    )  # fmt: skip


def clean_url(url: str, cleaner: Cleaner) -> str:
    """Return a URL with its credentials replaced: user and password, and parameters whose name suggests a secret.

    >>> clean_url("https://me:pw@a.org/x?api_key=abc&day=1#top", Cleaner("api_key".__eq__, str))
    'https://redacted@a.org/x?api_key=[redacted]&day=1'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return cleaner.plain(url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"redacted@{host}" if at and user else host  # brackets would make an IPv6 address of it
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(cleaner.hides(name) for name, _ in pairs):
        query = "&".join(f"{quote(name)}={HIDDEN if cleaner.hides(name) else quote(value)}" for name, value in pairs)
    else:
        query = parts.query
    path, query = cleaner.plain(parts.path), cleaner.plain(query)
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _clean_headers(headers: Mapping[str, Any], cleaner: Cleaner) -> Any:  # noqa: ANN401 - pairs
    for name, values in headers.items():
        if name.lower() in _COOKIES or cleaner.hides(name):
            continue
        given = [values] if isinstance(values, str) else list(values)
        is_url = name.lower() in ("location", "content-location", "link")
        yield name, [clean_url(each, cleaner) if is_url else cleaner.plain(each) for each in given]


def _clean_body(body: bytes, cleaner: Cleaner) -> bytes:
    """Return a body with known secrets replaced; a body that is not text stays as it is."""
    if len(body) > _MAX_CLEANED:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    cleaned = cleaner.plain(text)
    return body if cleaned == text else cleaned.encode()


def _digest(request: Any, cleaner: Cleaner) -> str | None:  # noqa: ANN401
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    elif not isinstance(body, bytes | str | type(None)):
        body = b"".join(each.encode() if isinstance(each, str) else bytes(each) for each in body)
    content = body.encode() if isinstance(body, str) else bytes(body or b"")
    if not content:
        return None
    kind = next((str(value) for name, value in request.headers.items() if name.lower() == "content-type"), "")
    boundary = _BOUNDARY.search(kind)
    if boundary is not None:  # drawn at random for each request
        content = content.replace(boundary[1].encode(), b"boundary")
    return hashlib.sha256(_clean_body(content, cleaner)).hexdigest()
