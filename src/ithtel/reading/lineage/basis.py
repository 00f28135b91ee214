"""What a value rests on besides the cells that made it: data, seeds and code, by their digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.history.values import Execution, History


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever has only the log can hold against what they have: files, seeds, the user's modules, the commit.

    Attributes:
        data: File or name of a source → digest, None where it was not taken.
        seeds: Those that were set for what was drawn.
        modules: File of a module of the user's → digest; those that were loaded by then.
        commit: Of the folder in which the session ran.
        is_dirty: Whether something there was not committed; None where nobody looked.
        diff_sha256: The digest of what was not committed.
    """

    data: dict[str, str | None] = {}
    seeds: tuple[int, ...] = ()
    modules: dict[str, str | None] = {}
    commit: str | None = None
    is_dirty: bool | None = None
    diff_sha256: str | None = None

    @classmethod
    def of(cls, history: History, steps: Iterable[Execution], seeds: Iterable[int]) -> Basis:
        """Return what `steps` of a session rest on."""
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
        """Return it as text, a line a thing, digests in full."""
        return [
            *(f"data    {path} {digest or 'without a digest'}" for path, digest in self.data.items()),
            *(f"seed    {seed}" for seed in self.seeds),
            *(f"module  {path} {digest}" for path, digest in self.modules.items()),
            *self._commit(),
        ]

    def _commit(self) -> Iterator[str]:
        if self.commit is not None:
            difference = f" and changes that are not committed {self.diff_sha256 or ''}".rstrip()
            yield f"commit  {self.commit}{difference if self.is_dirty else ''}"
