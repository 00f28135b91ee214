"""`KeptValues`: values and pictures that cells made, kept with `keep=outputs` so that a comparison can show them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ithtel.events import ArrayFingerprint, FrameFingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.cells.run import CellRun
    from ithtel.recording.file.object_store import ObjectStore
    from ithtel.recording.session import Session


class KeptValues:
    """Observes what cells made. Arrays and columns are kept as their plain bytes, of which the digest is computed."""

    def __init__(self, shell: InteractiveShell, session: Callable[[], Session | None]) -> None:
        self.shell = shell
        self._session = session

    def before(self, run: CellRun) -> None:
        """Do nothing: values are kept when the cell has made them."""

    def after(self, run: CellRun) -> None:
        """Keep the arrays that the cell made."""
        store = self.store()
        if store is None or run.cell.is_off:
            return
        for name, fingerprint in run.report.fingerprints.items():
            for content, sha256 in _contents(self.shell.user_ns.get(name), fingerprint, store.limit_bytes):
                store.put(content, sha256)

    def pictures(self) -> Callable[[bytes], object] | None:
        """Return what keeps the content of a picture; None if outputs are not kept."""
        store = self.store()
        return None if store is None else store.put

    def store(self) -> ObjectStore | None:
        """Return the store of outputs; None if they are not kept."""
        session = self._session()
        keeper = None if session is None else session.keeper
        return keeper.store if keeper is not None and "outputs" in keeper.kinds else None


def _contents(value: Any, fingerprint: object, limit: int) -> Iterator[tuple[bytes, str]]:  # noqa: ANN401
    """Yield the bytes of an array or of each column of a table, each with its expected digest."""
    if isinstance(fingerprint, ArrayFingerprint) and fingerprint.size_bytes <= limit:
        content = _plain_bytes(value)
        if content is not None:
            yield content, fingerprint.sha256
    elif isinstance(fingerprint, FrameFingerprint):
        for label in list(getattr(value, "columns", ())):
            column = fingerprint.columns.get(str(label))
            if column is not None:
                yield from _contents(value[label], column, limit)


def _plain_bytes(value: Any) -> bytes | None:  # noqa: ANN401
    """Return the bytes of a numeric array in C order, little-endian; None if it is not numeric."""
    numpy: Any = sys.modules.get("numpy")
    to_numpy = getattr(value, "to_numpy", None)
    array = to_numpy() if callable(to_numpy) else value
    if numpy is None or not isinstance(array, numpy.ndarray) or array.dtype.kind not in "iufb":
        return None
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return bytes(numpy.ascontiguousarray(little).tobytes())
