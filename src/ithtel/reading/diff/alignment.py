"""`align`: pairs the executions of two sessions by source and order, tolerant of inserted and repeated cells."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.reading.history.values import Execution

ALIKE = 0.5
"""Two sources with less in common are two cells, not one that was edited."""
_MAX_COMPARED = 20_000
_MAX_LONGEST = 250_000
"""Pairs of cells that are compared for the longest common subsequence: about 0.1 s."""
_INERT = re.compile(
    r"\s*(#.*|%ithtel\b.*|%(?:re|un)?load_ext ithtel\b.*|%timeline\b.*|%lineage\b.*|%note\b.*|%whos?\b.*|%history\b.*"
    r"|%seed\s*(#.*)?)?"
)


class Pair(NamedTuple):
    """An execution of each session, or of only one of them. `is_moved`: it ran at another place."""

    a: Execution | None
    b: Execution | None
    is_moved: bool = False

    @property
    def cells(self) -> list[Execution]:
        """The executions that there are."""
        return [each for each in (self.a, self.b) if each is not None]


def align(a: Sequence[Execution], b: Sequence[Execution]) -> list[Pair]:
    """Return each execution once, paired with its counterpart in the other session, in the order of both.

    A cell that ran at another place comes where it ran earlier of the two: only what ran after it can follow from it.
    Cells that only display the record (`%timeline`, comments) are left out if the other session does not have them, or
    has them at another place.
    """
    by_digest = any(each.source is None for each in (*a, *b))
    keys_a, keys_b = ([key_of(each, by_digest=by_digest) for each in side] for side in (a, b))
    pairs: list[Pair] = []
    same = common(keys_a, keys_b)
    left_a = {key for i, key in enumerate(keys_a) if i not in {i for i, _ in same}}
    left_b = {key for j, key in enumerate(keys_b) if j not in {j for _, j in same}}
    a0 = b0 = 0
    for i, j in [*same, (len(a), len(b))]:
        pairs += _replaced(a[a0:i], b[b0:j], moved=left_a & left_b, by_digest=by_digest)
        pairs += [Pair(a[i], b[j])] if i < len(a) else []
        a0, b0 = i + 1, j + 1
    return [
        pair
        for pair in _with_moves(pairs, by_digest=by_digest)
        if (pair.a is not None and pair.b is not None and not pair.is_moved) or not is_inert(pair.a or pair.b)
    ]


def common(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence; among several, one with most items at the same place.

    >>> common(["x", "y", "z"], ["y", "x", "z"])
    [(1, 0), (2, 2)]
    """
    start = next((i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
    n_end = 0
    while n_end < min(len(a), len(b)) - start and a[-1 - n_end] == b[-1 - n_end]:
        n_end += 1
    rows, columns = range(start, len(a) - n_end), range(start, len(b) - n_end)
    ends = [(len(a) - k, len(b) - k) for k in range(n_end, 0, -1)]
    return [*((i, i) for i in range(start)), *_longest(a, b, rows, columns), *ends]


def _longest(a: Sequence[str], b: Sequence[str], rows: range, columns: range) -> list[tuple[int, int]]:
    if len(rows) * len(columns) > _MAX_LONGEST:
        blocks = SequenceMatcher(None, a[rows.start : rows.stop], b[columns.start : columns.stop], autojunk=False)
        found = blocks.get_matching_blocks()
        return [(rows.start + i + k, columns.start + j + k) for i, j, n in found for k in range(n)]
    unit = len(rows) + len(columns) + 1  # more than all bonuses for the same place
    best = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for i in reversed(rows):
        for j in reversed(columns):
            x, y = i - rows.start, j - columns.start
            taken = unit + (i == j) + best[x + 1][y + 1] if a[i] == b[j] else 0
            best[x][y] = max(best[x + 1][y], best[x][y + 1], taken)
    pairs: list[tuple[int, int]] = []
    x = y = 0
    while x < len(rows) and y < len(columns):
        i, j = rows[x], columns[y]
        if a[i] == b[j] and best[x][y] == unit + (i == j) + best[x + 1][y + 1]:
            pairs.append((i, j))
            x, y = x + 1, y + 1
        elif best[x][y] == best[x + 1][y]:
            x += 1
        else:
            y += 1
    return pairs


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
    """Return how similar two cells are: a ratio, plus a bonus for the same id or names; 0 if below `ALIKE`."""
    bonus = 0.3 if a.cell_id is not None and a.cell_id == b.cell_id else 0.0
    if a.writes and a.writes == b.writes:
        bonus += 0.3
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
    """Join an execution that only one session has with its counterpart at another place of the other session.

    The pair comes at the first of the two places.
    """
    waiting: dict[tuple[str, bool], list[int]] = {}
    joined: list[Pair | None] = []
    for pair in pairs:
        joined.append(pair)
        if pair.a is not None and pair.b is not None:
            continue
        key, is_of_a = key_of(pair.cells[0], by_digest=by_digest), pair.b is None
        partners = waiting.get((key, not is_of_a))
        if not partners:
            waiting.setdefault((key, is_of_a), []).append(len(joined) - 1)
            continue
        place = partners.pop(0)
        other = joined[place]
        if other is not None:
            joined[place] = Pair(pair.a or other.a, pair.b or other.b, is_moved=True)
        joined[-1] = None
    return [pair for pair in joined if pair is not None]
