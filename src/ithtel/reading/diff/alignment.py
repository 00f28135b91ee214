"""`align`: pairs the executions of two sessions by source and order, tolerant of inserted and repeated cells."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.values import Execution

ALIKE = 0.5
"""Two sources with less in common are two cells, not one that was edited."""
_MAX_COMPARED = 20_000
_INERT = re.compile(
    r"\s*(#.*|%ithtel\b.*|%(?:re|un)?load_ext ithtel\b.*|%timeline\b.*|%lineage\b.*|%note\b.*|%whos?\b.*|%history\b.*"
    r"|%seed\s*(#.*)?)?"
)


class Pair(NamedTuple):
    """An execution of each session, or of only one of them. `is_moved`: it ran at another place."""

    a: Execution | None
    b: Execution | None
    is_moved: bool = False


def align(a: Sequence[Execution], b: Sequence[Execution]) -> list[Pair]:
    """Return each execution once, paired with its counterpart in the other session, in the order of both.

    Cells that only display the record (`%timeline`, comments) are left out if the other session does not have them.
    """
    by_digest = any(each.source is None for each in (*a, *b))
    keys_a, keys_b = ([key_of(each, by_digest=by_digest) for each in side] for side in (a, b))
    pairs: list[Pair] = []
    steps = SequenceMatcher(None, keys_a, keys_b, autojunk=False).get_opcodes()
    left_a = {key for kind, a0, a1, _, _ in steps if kind != "equal" for key in keys_a[a0:a1]}
    left_b = {key for kind, _, _, b0, b1 in steps if kind != "equal" for key in keys_b[b0:b1]}
    for kind, a0, a1, b0, b1 in steps:
        if kind == "equal":
            pairs += [Pair(one, other) for one, other in zip(a[a0:a1], b[b0:b1], strict=True)]
        else:
            pairs += _replaced(a[a0:a1], b[b0:b1], moved=left_a & left_b, by_digest=by_digest)
    return [
        pair
        for pair in _with_moves(pairs, by_digest=by_digest)
        if None not in pair[:2] or not is_inert(pair.a or pair.b)
    ]


def key_of(execution: Execution, *, by_digest: bool = False) -> str:
    """Return what two runs of one cell have in common: its source, else the digest of it, else the host's id.

    With `by_digest` the digest comes first: for comparisons in which one session has no source texts.
    """
    if execution.source is not None and not (by_digest and execution.source_sha256):
        return execution.source
    return execution.source_sha256 or f"cell {execution.cell_id}"


def is_inert(execution: Execution | None) -> bool:
    """Return whether a cell computes nothing: it has only comments and magics that display the record."""
    if execution is None or execution.source is None:
        return False
    return all(_INERT.fullmatch(line) for line in execution.source.splitlines())


def _replaced(a: Sequence[Execution], b: Sequence[Execution], moved: set[str], *, by_digest: bool) -> Iterator[Pair]:
    """Pair edited cells: the ordered pairs with the greatest total similarity (Needleman and Wunsch, 1970).

    Cells that appear unchanged at another place (`moved`) are not paired here.
    """
    if not a or not b or len(a) * len(b) > _MAX_COMPARED:
        yield from _unpaired(a, b)
        return
    is_moved = [[key_of(each, by_digest=by_digest) in moved for each in side] for side in (a, b)]
    similarity = [
        [0.0 if is_moved[0][i] or is_moved[1][j] else _similarity(one, other) for j, other in enumerate(b)]
        for i, one in enumerate(a)
    ]
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], similarity[i][j] + best[i + 1][j + 1])
    i = j = 0
    while i < len(a) and j < len(b):
        if similarity[i][j] and best[i][j] == similarity[i][j] + best[i + 1][j + 1]:
            yield Pair(a[i], b[j])
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield Pair(a[i], None)
            i += 1
        else:
            yield Pair(None, b[j])
            j += 1
    yield from _unpaired(a[i:], b[j:])


def _unpaired(a: Sequence[Execution], b: Sequence[Execution]) -> Iterator[Pair]:
    yield from (Pair(each, None) for each in a)
    yield from (Pair(None, each) for each in b)


def _similarity(a: Execution, b: Execution) -> float:
    """Return how similar two cells are: a ratio, plus a bonus for the same id; 0 if below `ALIKE`."""
    bonus = 0.3 if a.cell_id is not None and a.cell_id == b.cell_id else 0.0
    if is_inert(a) or is_inert(b):
        return 0.0
    if a.source is None or b.source is None:
        return max(bonus, _shared_names(a, b))
    matcher = SequenceMatcher(None, a.source, b.source, autojunk=False)
    if matcher.real_quick_ratio() + bonus < ALIKE:
        return 0.0
    ratio = matcher.ratio() + bonus
    return ratio if ratio >= ALIKE else 0.0


def _shared_names(a: Execution, b: Execution) -> float:
    """Return the share of the names used by two cells that both use; 0 if it is less than `ALIKE`."""
    ours, theirs = ({*each.reads, *each.changes} for each in (a, b))
    shared = len(ours & theirs) / max(len(ours | theirs), 1)
    return shared if shared >= ALIKE else 0.0


def _with_moves(pairs: list[Pair], *, by_digest: bool) -> list[Pair]:
    """Join an execution that only one session has with its counterpart at another place of the other session."""
    left = Counter(key_of(pair.b, by_digest=by_digest) for pair in pairs if pair.a is None and pair.b is not None)
    partners: dict[str, list[Execution]] = {}
    for pair in pairs:
        if pair.a is None and pair.b is not None:
            partners.setdefault(key_of(pair.b, by_digest=by_digest), []).append(pair.b)
    joined: list[Pair] = []
    taken: set[int] = set()
    for pair in pairs:
        key = key_of(pair.a, by_digest=by_digest) if pair.a is not None else ""
        if pair.b is None and pair.a is not None and left[key]:
            left[key] -= 1
            partner = partners[key].pop(0)
            taken.add(partner.place)
            joined.append(Pair(pair.a, partner, is_moved=True))
        else:
            joined.append(pair)
    return [pair for pair in joined if not (pair.a is None and pair.b is not None and pair.b.place in taken)]
