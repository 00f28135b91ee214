"""`Network`: the answers to HTTP requests of cells, kept with `keep=network` so that a replay needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ithtel.events import HttpAnswer
from ithtel.provenance.network.cassette import NetworkTap
from ithtel.provenance.network.exchange import Cleaner
from ithtel.recording.secrets.patterns import says_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.notebook.cells.run import CellRun
    from ithtel.provenance.network.exchange import Exchange
    from ithtel.recording.file.object_store import ObjectStore
    from ithtel.recording.session import Session


class Network:
    """Observes the HTTP exchanges of cells while the setting `keep` names `network`; else it does nothing."""

    def __init__(self, session: Callable[[], Session | None]) -> None:
        self._session = session
        self._tap = NetworkTap(self._cleaner)

    def before(self, run: CellRun) -> None:
        """Begin or end listening, as the setting says."""
        is_kept = self._store() is not None and not run.cell.is_off
        if is_kept and not self._tap.is_open:
            self._tap.hear()
        elif not is_kept and self._tap.is_open:
            self._tap.close()

    def after(self, run: CellRun) -> None:
        """Keep and record what the cell was answered."""
        if not self._tap.is_open:
            return
        store = self._store()
        kept = [] if store is None else [each for each in self._tap.heard() if self._keep(run, each, store)]
        run.extend(kept_hosts=frozenset(_host(each) for each in kept))

    def close(self) -> None:
        """Stop listening."""
        self._tap.close()

    def _keep(self, run: CellRun, exchange: Exchange, store: ObjectStore) -> bool:
        content = exchange.encoded()
        digest = store.put_new(content)
        if digest is None:
            run.extend(skipped={**run.report.skipped, exchange.url: "the answer is larger than keep_limit"})
            return False
        run.record(
            HttpAnswer(
                execution_count=run.cell.execution_count, method=exchange.method, url=exchange.url,
                status=exchange.status, size_bytes=len(exchange.body), sha256=digest,
            )
        )  # fmt: skip
        return True

    def _store(self) -> ObjectStore | None:
        session = self._session()
        keeper = None if session is None else session.keeper
        return keeper.store if keeper is not None and "network" in keeper.kinds else None

    def _cleaner(self) -> Cleaner:
        session = self._session()
        return Cleaner(says_secret, str if session is None else session.redactor.text)


def _host(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    return parts.hostname or ""
