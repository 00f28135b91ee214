"""`NetworkTap`, `NoRecordedAnswerError`: hear HTTP exchanges with vcrpy, or answer from kept ones."""

from __future__ import annotations

from importlib import util
from typing import TYPE_CHECKING, Any

from ithtel.errors import IthtelError, MissingPackageError
from ithtel.provenance.network.exchange import Cleaner, Exchange, clean_url, exchange_of, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIX = "record the session again with keep=network, so that the answer is kept"


class NoRecordedAnswerError(IthtelError, RuntimeError):
    """A replayed cell asked for something whose answer is not in the record."""


def require_network() -> None:
    """Check that exchanges can be heard and answered.

    Raises:
        MissingPackageError: vcrpy is not installed.
    """
    if util.find_spec("vcr") is None:
        raise MissingPackageError("keep=network needs vcrpy, which is not installed: pip install 'ithtel[network]'")


class NetworkTap:
    """Stands between the HTTP clients (requests, urllib, urllib3, httpx, aiohttp) and the network.

    Args:
        cleaner: How secrets are recognised; called for each request, since more secrets become known.
    """

    def __init__(self, cleaner: Callable[[], Cleaner]) -> None:
        self._cleaner = cleaner
        self._context: Any = None
        self._cassette: Any = None

    @property
    def is_open(self) -> bool:
        """Whether it stands there."""
        return self._context is not None

    def hear(self) -> None:
        """Let requests through, and remember them with their answers."""
        self._open("all")

    def answer(self, exchanges: Iterable[Exchange]) -> None:
        """Answer each request from `exchanges`, of which each is used once; other requests fail."""
        self._open("none")
        import vcr.request

        for each in exchanges:
            request = vcr.request.Request(each.method, each.url, b"", {})
            request.ithtel_key = each.key
            self._cassette.data.append((request, each.response()))
        self._cassette.rewound = True
        can_play = self._cassette.can_play_response_for

        def needed(request: Any) -> bool:  # noqa: ANN401 - of vcrpy, whose own error does not name what to do
            if not can_play(request):
                url = clean_url(str(request.uri), self._cleaner())
                raise NoRecordedAnswerError(f"{request.method} {url} has no recorded answer: {FIX}")
            return True

        self._cassette.can_play_response_for = needed

    def heard(self) -> list[Exchange]:
        """Return the exchanges since the last call, in order, without credentials and decompressed."""
        if self._cassette is None or not self._cassette.data:
            return []
        from vcr.filters import decode_response

        pairs = [*self._cassette.data]
        del self._cassette.data[: len(pairs)]
        cleaner = self._cleaner()
        return [exchange_of(request, decode_response(response), cleaner) for request, response in pairs]

    def close(self) -> None:
        """Step aside."""
        if self._context is not None:
            context, self._context, self._cassette = self._context, None, None
            context.__exit__(None, None, None)

    def _open(self, mode: str) -> None:
        import vcr

        recorder = vcr.VCR(record_mode=mode)
        recorder.register_persister(_NoFile)
        recorder.register_matcher("ithtel", self._is_same)
        self._context = recorder.use_cassette("ithtel", match_on=["ithtel"])
        self._cassette = self._context.__enter__()

    def _is_same(self, request: Any, kept: Any) -> None:  # noqa: ANN401 - of vcrpy
        """Raise unless a request is the kept one, as matchers of vcrpy do."""
        known = getattr(kept, "ithtel_key", None)
        if known is None or key_of(request, self._cleaner()) != known:
            raise AssertionError


class _NoFile:
    """Keeps vcrpy from reading and writing files."""

    @staticmethod
    def load_cassette(cassette_path: str, serializer: object) -> Any:  # noqa: ANN401, ARG004
        from vcr.persisters.filesystem import CassetteNotFoundError

        raise CassetteNotFoundError

    @staticmethod
    def save_cassette(cassette_path: str, cassette_dict: object, serializer: object) -> None:  # noqa: ARG004
        return
