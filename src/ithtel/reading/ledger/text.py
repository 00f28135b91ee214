"""A ledger as sentences, as a table and as JSON: `text`, `frame`, `display_frame`, `json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from ithtel.plain_text import count, number, place
from ithtel.reading.ledger.values import METHODS, Entry

if TYPE_CHECKING:
    from ithtel.reading.ledger.values import Coverage, Ledger, Repetition, SharedSample

MAX_LISTED = 5
_METHOD_NAMES = {"bonferroni": "Bonferroni", "holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg"}
_FLOATS = ("statistic", "p_value", *METHODS, "alpha", "effect_size")
_COUNTS = ("n_samples", "repeats", "cell")
_DISPLAY_COLUMNS = {
    "number": "#", "test_name": "test", "subject": "subject", "decision": "decision", "p_value": "p",
    "bonferroni": "Bonferroni", "holm": "Holm", "benjamini_hochberg": "BH", "n_before": "before",
}  # fmt: skip


def frame(ledger: Ledger) -> pd.DataFrame:
    """Return one row per test, with the fields of `Entry` as columns; unknown values are missing."""
    columns: dict[str, pd.Series] = {}
    for name in Entry.__struct_fields__:
        values = [getattr(entry, name) for entry in ledger.entries]
        if name == "lost_by":
            values = ["; ".join(value) for value in values]
        kind = "float64" if name in _FLOATS else "Int64" if name in _COUNTS else None
        columns[name] = pd.Series(values, dtype=kind) if kind or values else pd.Series(values, dtype=object)
    return pd.DataFrame(columns)


def json(ledger: Ledger) -> str:
    """Return the whole ledger as JSON, with numbers in full precision and null for missing ones."""
    value = {"covers": coverage_lines(ledger.coverage), "findings": finding_lines(ledger)} | msgspec.to_builtins(ledger)
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def display_frame(ledger: Ledger) -> pd.DataFrame:
    """Return the table for display, as text: p-values with three digits, and notes."""
    rows = []
    for entry in ledger.entries:
        row = {title: getattr(entry, name) for name, title in _DISPLAY_COLUMNS.items()}
        row |= {title: _p(row[title]) for title in ("p", "Bonferroni", "Holm", "BH")}
        rows.append(row | {"note": _note(entry)})
    return pd.DataFrame(rows, columns=[*_DISPLAY_COLUMNS.values(), "note"])


def coverage_lines(coverage: Coverage) -> list[str]:
    """Return sentences about which tests the ledger covers and which it cannot."""
    made, logged = count(coverage.n_stats, "test"), coverage.n_logged
    captured = f"{coverage.n_scipy} captured from scipy.stats"
    lines = [f"Covers {made} made through ithtel.stats, {logged} logged by hand, {captured}."]
    if coverage.is_scipy_captured:
        began = coverage.captured_from
        since = f" after test {began}" if began else ""
        lines.append(
            f"Calls of scipy.stats from cells were captured{since}; calls from libraries were not, "
            "nor calls of names imported earlier" + _named(coverage.names_not_seen) + "."
        )
    else:
        lines.append(
            "Calls of scipy.stats were not captured (%ithtel set capture=scipy). Other packages are never captured."
        )
    if coverage.n_pauses:
        lines.append(f"Recording was paused {count(coverage.n_pauses, 'time')}: tests made then are missing.")
    if coverage.n_lost:
        lines.append(f"{count(coverage.n_lost, 'event')} could not be written: tests among them are missing.")
    return lines


def finding_lines(ledger: Ledger) -> list[str]:
    """Return what an auditor asks first: how many tests, what survives adjustment, what was repeated."""
    entries = ledger.entries
    if not entries:
        return ["No test is recorded."]
    n_again = sum(entry.repeats is not None for entry in entries)
    again = f" ({n_again} repeated on the same data, counted once)" if n_again else ""
    on = f"{count(entries[-1].n_subjects, 'subject')} and {count(entries[-1].n_data, 'sample')}"
    adjusted = f"{count(ledger.n_hypotheses, 'p-value')} adjusted for each other"
    lines = [f"{count(len(entries), 'test')}{again} on {on}; {adjusted}.", *_survival(ledger)]
    lines += _few([_repeated(one) for one in ledger.repetitions], "question")
    return lines + _tested(ledger.shared_samples)


def text(ledger: Ledger) -> str:
    """Return the ledger without its table."""
    lines = [*coverage_lines(ledger.coverage), *finding_lines(ledger)]
    return "\n".join([f"Ledger of {place(ledger.name)}", *(f"  {line}" for line in lines)])


def _survival(ledger: Ledger) -> list[str]:
    rejected = [entry for entry in ledger.entries if entry.is_rejected and entry.repeats is None]
    if not rejected:
        return ["No p-value is below its level."]
    lost = [entry for entry in rejected if entry.lost_by]
    left = {method: sum(_is_kept(entry, method) for entry in rejected) for method in reversed(METHODS)}
    kept = ", ".join(f"{n} after {_METHOD_NAMES[method]}" for method, n in left.items())
    lines = [f"{len(rejected)} below their level before adjustment, {kept}."]
    return lines + _few([_not_surviving(entry) for entry in lost if "benjamini_hochberg" in entry.lost_by], "decision")


def _is_kept(entry: Entry, method: str) -> bool:
    value = getattr(entry, method)
    return value is not None and value < entry.alpha


def _not_surviving(entry: Entry) -> str:
    return (
        f"Does not survive: #{entry.number} {entry.test_name} of {entry.subject}: {entry.decision} "
        f"(p {_p(entry.p_value)}, Benjamini-Hochberg {_p(entry.benjamini_hochberg)}, level {number(entry.alpha)})."
    )


def _repeated(one: Repetition) -> str:
    where = "" if one.n_data is None else " on the same sample" if one.n_data == 1 else f" on {one.n_data} samples"
    levels = f", levels {', '.join(map(number, one.alphas))}" if len(one.alphas) > 1 else ""
    answers = " → ".join(_without_runs(one.decisions))
    return f"Repeated: {one.test_name} of {one.subject}, {len(one.numbers)} times{where}{levels}: {answers}."


def _without_runs(words: list[str]) -> list[str]:
    kept = [word for word, before in zip(words, [None, *words], strict=False) if word != before]
    return kept if len(kept) <= MAX_LISTED else [*kept[:2], "…", *kept[-2:]]


def _tested(shared: list[SharedSample]) -> list[str]:
    if not shared:
        return []
    most = shared[0]
    names = ", ".join(most.subjects[:2]) + (" …" if len(most.subjects) > 2 else "")  # noqa: PLR2004 - as many as fit a line
    example = f"{names}: {most.n_hypotheses} hypotheses, {most.n_rejected} rejected"
    if len(shared) == 1:
        return [f"One sample was tested under several hypotheses ({example})."]
    return [f"{len(shared)} samples were tested under several hypotheses each (most: {example})."]


def _few(lines: list[str], noun: str) -> list[str]:
    n_more = len(lines) - MAX_LISTED
    return lines if n_more <= 0 else [*lines[:MAX_LISTED], f"… and {count(n_more, f'more such {noun}')}."]


def _named(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _note(entry: Entry) -> str:
    notes = [] if entry.repeats is None else [f"repeats #{entry.repeats}"]
    if entry.lost_by:
        notes.append(
            "not significant after "
            + ", ".join("BH" if m == "benjamini_hochberg" else _METHOD_NAMES[m] for m in entry.lost_by)
        )
    return "; ".join([*notes, *([entry.reason] if entry.reason else [])])


def _p(value: float | None) -> str:
    """Return a p-value with three digits.

    >>> _p(0.04321), _p(1e-9), _p(0.0), _p(None)
    ('0.0432', '1e-09', '0', '–')
    """
    return number(value, 3)
