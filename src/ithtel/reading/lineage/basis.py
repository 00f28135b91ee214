"""`Basis`: the data, seeds and code that a value depends on besides the cells that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.history.values import Execution, History


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """The external inputs of a value, as they can be checked from the log alone.

    Attributes:
        data: Digest of each file or named source, None if it was not taken.
        seeds: The seeds of the random numbers that were drawn.
        modules: Digest of the file of each user module that was loaded by then.
        commit: The commit of the folder in which the session ran.
        is_dirty: Whether there were uncommitted changes; None if unknown.
        diff_sha256: The digest of the uncommitted changes.
    """

    data: dict[str, str | None] = {}
    seeds: tuple[int, ...] = ()
    modules: dict[str, str | None] = {}
    commit: str | None = None
    is_dirty: bool | None = None
    diff_sha256: str | None = None

    @classmethod
    def of(cls, history: History, steps: Iterable[Execution], seeds: Iterable[int]) -> Basis:
        """Return what `steps` of a session depend on."""
        executions = list(steps)
        last = max((each.place for each in executions), default=0)
        modules: dict[str, str | None] = {}
        for each in history.executions:
            modules |= each.code if each.place <= last else {}
        data: dict[str, str | None] = {}
        for each in executions:
            data |= {**each.files, **each.data}
        return cls(
            data=dict(sorted(data.items())),
            seeds=tuple(dict.fromkeys(seeds)),
            modules=dict(sorted(modules.items())),
            commit=history.git_sha,
            is_dirty=history.is_dirty,
            diff_sha256=history.git_diff,
        )

    def lines(self) -> list[str]:
        """Return one line per input, with full digests."""
        return [
            *(f"data    {path} {digest or '(no digest)'}" for path, digest in self.data.items()),
            *(f"seed    {seed}" for seed in self.seeds),
            *(f"module  {path} {digest}" for path, digest in self.modules.items()),
            *self._commit(),
        ]

    def _commit(self) -> Iterator[str]:
        if self.commit is not None:
            difference = f" with uncommitted changes {self.diff_sha256 or ''}".rstrip()
            yield f"commit  {self.commit}{difference if self.is_dirty else ''}"
