"""`build`: a ledger from one pass over records, with adjustments, repetitions and shared samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from ithtel.events import (
    NOT_TESTED,
    HypothesisResult,
    RecordingLoss,
    RecordingPaused,
    StatisticalResult,
    event_type,
)
from ithtel.reading.history.cell_tracker import CellTracker
from ithtel.reading.ledger.values import METHODS, Coverage, Entry, Ledger, Repetition, SharedSample, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ithtel.reading.lines.record import Record

    Key = tuple[object, ...]

CAPTURE = "capture"
SCIPY = "scipy.stats"
UNNAMED = "unnamed"
DECIDED_BY_P = frozenset(
    {"hypothesis_result", "beta_fit_result", "ad_test_result", "mann_whitney_result", "adf_result", "acf_result"}
)
"""The results that are decided by a p-value. The others are decided by an effect, so no adjustment changes them."""


class Adjusted(Protocol):
    """P-values adjusted by three methods, in the given order, as `ithtel.stats.adjust_p_values` returns them."""

    @property
    def bonferroni(self) -> list[float | None]: ...  # noqa: D102
    @property
    def holm(self) -> list[float | None]: ...  # noqa: D102
    @property
    def benjamini_hochberg(self) -> list[float | None]: ...  # noqa: D102


def build(records: Iterable[Record], adjust: Callable[[Sequence[float | None]], Adjusted], *, name: str) -> Ledger:
    """Return the ledger of the tests among `records`.

    The same hypothesis on the same data counts once, with the p-value of the first test. If the data are not known
    (logged without a sample), the same hypothesis with the same numbers counts once.
    """
    reader = _Reader()
    for record in records:
        reader.add(record)
    entries, n_hypotheses = _adjusted(reader.entries, reader.keys, adjust)
    return Ledger(
        name=name,
        coverage=reader.coverage(),
        entries=entries,
        n_hypotheses=n_hypotheses,
        repetitions=_repetitions(entries, reader.keys),
        shared_samples=_shared(entries),
    )


class _Reader:
    """Collects the tests of a log in one pass."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.keys: list[Key] = []
        self._first: dict[Key, int] = {}
        self._subjects: set[str] = set()
        self._data: set[str] = set()
        self._cells = CellTracker()
        self._captured_from: int | None = None
        self._not_seen: list[str] = []
        self._n_pauses = self._n_lost = 0

    def add(self, record: Record) -> None:
        """Take in the next record."""
        event, cell = record.event, self._cells.see(record)
        if isinstance(event, StatisticalResult):
            self._test(record, event, None if cell is None else cell.count)
        elif isinstance(event, RecordingPaused):
            self._n_pauses += 1
        elif isinstance(event, RecordingLoss):
            self._n_lost += event.n_dropped
        elif event is None and CAPTURE.encode() in record.raw:
            self._capture(record)

    def _test(self, record: Record, event: StatisticalResult, cell: int | None) -> None:
        key = _key(event)
        n_before = len(self.entries)
        n_hypotheses, first = len(self._first), self._first.setdefault(key, n_before + 1)
        self._subjects.add(event.subject)
        self._data |= {event.input_hash} if event.input_hash is not None else set()
        common = {name: getattr(event, name) for name in _COMMON} | {"p_value": event.deciding_p_value}
        entry = Entry(
            number=n_before + 1,
            n_before=n_before,
            n_hypotheses_before=n_hypotheses,
            n_subjects=len(self._subjects),
            n_data=len(self._data),
            repeats=None if first == n_before + 1 else first,
            source=_source(event),
            event_type=event_type(event),
            cell=cell,
            session_id=record.session_id,
            **common,
        )
        self.entries.append(entry)
        self.keys.append(key)

    def _capture(self, record: Record) -> None:
        context = record.context
        if context.get(CAPTURE) != "scipy":
            return
        if self._captured_from is None:
            self._captured_from = len(self.entries)
        names = context.get("names_not_seen")
        self._not_seen += [str(name) for name in names if name not in self._not_seen] if isinstance(names, list) else []

    def coverage(self) -> Coverage:
        """Return which tests the ledger covers."""
        sources = [entry.source for entry in self.entries]
        n_scipy = sources.count("scipy.stats")
        return Coverage(
            n_stats=sources.count("ithtel.stats"),
            n_logged=sources.count("logged"),
            n_scipy=n_scipy,
            is_scipy_captured=self._captured_from is not None or n_scipy > 0,
            captured_from=self._captured_from,
            names_not_seen=sorted(self._not_seen),
            n_pauses=self._n_pauses,
            n_lost=self._n_lost,
        )


_COMMON = (
    "test_name", "subject", "decision", "statistic", "p_value", "alpha", "effect_size", "n_samples", "reason",
    "hypothesis_id", "input_hash",
)  # fmt: skip


def _source(event: StatisticalResult) -> Source:
    if not isinstance(event, HypothesisResult):
        return "ithtel.stats"
    return "scipy.stats" if event.test_name.startswith(SCIPY + ".") else "logged"


def _key(event: StatisticalResult) -> Key:
    """Return a key that is equal for two tests of the same hypothesis on the same data."""
    named = (event.hypothesis_id, event.test_name)
    if event.input_hash is not None:
        return (*named, event.input_hash)
    return (*named, event.statistic, event.p_value, event.effect_size)


def _adjusted(
    entries: list[Entry], keys: list[Key], adjust: Callable[[Sequence[float | None]], Adjusted]
) -> tuple[list[Entry], int]:
    """Return the entries with their adjusted p-values, and the number of hypotheses that have a p-value."""
    first: dict[Key, float] = {}
    for entry, key in zip(entries, keys, strict=True):
        if entry.p_value is not None and 0 <= entry.p_value <= 1:
            first.setdefault(key, entry.p_value)
    if not first:
        return entries, 0
    found = adjust(list(first.values()))
    columns = zip(*(getattr(found, method) for method in METHODS), strict=True)
    by_key = {key: dict(zip(METHODS, values, strict=True)) for key, values in zip(first, columns, strict=True)}
    return [_with(entry, by_key.get(key)) for entry, key in zip(entries, keys, strict=True)], len(first)


def _with(entry: Entry, values: dict[str, float] | None) -> Entry:
    if values is None or entry.p_value is None:
        return entry
    can_change = entry.is_rejected and entry.event_type in DECIDED_BY_P
    lost = [method for method, value in values.items() if can_change and not value < entry.alpha]
    return msgspec.structs.replace(entry, lost_by=lost, **values)


def _repetitions(entries: list[Entry], keys: list[Key]) -> list[Repetition]:
    """Return the questions whose answer changed between the first and the last test."""
    asked: dict[Key, list[Entry]] = {}
    for entry, key in zip(entries, keys, strict=True):
        if entry.decision != NOT_TESTED:
            # unnamed subjects are the same only if their data are
            question: Key = key if entry.subject == UNNAMED else (entry.test_name, entry.subject)
            if entry.source == "logged":
                question = (entry.hypothesis_id, entry.test_name) if entry.subject == UNNAMED else question
            asked.setdefault(question, []).append(entry)
    return [_repetition(group) for group in asked.values() if group[0].decision != group[-1].decision]


def _repetition(group: list[Entry]) -> Repetition:
    data = {entry.input_hash for entry in group}
    return Repetition(
        test_name=group[0].test_name,
        subject=group[0].subject,
        numbers=[entry.number for entry in group],
        decisions=[entry.decision for entry in group],
        n_data=None if None in data else len(data),
        alphas=sorted({entry.alpha for entry in group}),
    )


def _shared(entries: list[Entry]) -> list[SharedSample]:
    """Return the samples tested under several hypotheses, most hypotheses first; descriptions do not count."""
    by_sample: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.input_hash is not None and entry.p_value is not None:
            by_sample.setdefault(entry.input_hash, []).append(entry)
    found = [
        SharedSample(
            input_hash=digest,
            subjects=list(dict.fromkeys(entry.subject for entry in group)),
            numbers=[entry.number for entry in group],
            n_hypotheses=len({entry.hypothesis_id for entry in group}),
            n_rejected=len({entry.hypothesis_id for entry in group if entry.is_rejected}),
        )
        for digest, group in by_sample.items()
    ]
    return sorted((one for one in found if one.n_hypotheses > 1), key=lambda one: -one.n_hypotheses)
