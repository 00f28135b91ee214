"""`RecordedSurroundings`: what a replay gives to its cells from outside: times, answers, and the interpreter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import CellPrior, CellStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ithtel.reading.history.values import Execution
    from ithtel.reading.lines.object_store import Contents
    from ithtel.reading.lines.record import Record

REDACTED = re.compile(r"\[redacted:[\w.\-]+:[0-9a-f]+\]")


class RecordedSurroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What to give to the cells of a replay.

    Attributes:
        starts: When each cell began; empty to leave the clock alone.
        answers: For each cell, the prompts and answers of `input()`.
        exchanges: Files of the HTTP exchanges that answer requests; None to let requests through.
        python: The interpreter of the kernel; None for this one.
    """

    starts: list[str | None] = []
    answers: list[list[tuple[str, str]]] = []
    exchanges: list[str] | None = None
    python: str | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question whose answer was not kept; `cell` and `index` say which one of `cells` asked it."""

    cell: int
    index: int
    label: str
    prompt: str

    def obstacle(self) -> str:
        """Return why it prevents a replay, and what to do."""
        what = repr(self.prompt) if self.prompt else "for input"
        return f"cell {self.label} asked {what}, and the answer was not kept: replay in a terminal, which asks for it"


def questions(cells: Iterable[Execution]) -> list[Question]:
    """Return the questions of `cells` whose answers were not kept, because they are secrets.

    >>> questions([])
    []
    """
    return [
        Question(cell=n, index=index, label=cell.label, prompt=answer.prompt)
        for n, cell in enumerate(cells)
        for index, answer in enumerate(cell.answers)
        if answer.text is None or REDACTED.search(answer.text)
    ]


def answers_of(cells: list[Execution], ask: Callable[[Question], str] | None) -> list[list[tuple[str, str]]]:
    """Return for each cell the prompts and answers; those that were not kept are asked for, else left out."""
    asked = {(each.cell, each.index): ask(each) for each in questions(cells)} if ask is not None else {}
    missing = {(each.cell, each.index) for each in questions(cells)}
    return [list(_answers_of(n, cell, asked, missing)) for n, cell in enumerate(cells)]


def _answers_of(
    n: int, cell: Execution, asked: Mapping[tuple[int, int], str], missing: set[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    for index, answer in enumerate(cell.answers):
        text = asked.get((n, index)) if (n, index) in missing else answer.text
        if text is not None:
            yield answer.prompt, text


def starts_of(records: Iterable[Record], cells: Iterable[Execution]) -> list[str | None]:
    """Return when each of `cells` began, as its line in the log says."""
    starts = [each.envelope.ts for each in records if isinstance(each.event, CellStart | CellPrior)]
    return [starts[cell.place - 1] if cell.place <= len(starts) else None for cell in cells]


def exchanges_of(cells: Iterable[Execution], contents: Contents) -> tuple[list[str], list[str]]:
    """Return the files of the HTTP exchanges of `cells` in order, and a sentence for each that is missing."""
    paths, lost = [], []
    for cell in cells:
        for each in cell.exchanges:
            path = contents.path(each.sha256)
            if path is None or contents(each.sha256) is None:
                lost.append(f"the answer to {each.method} {each.url} of cell {cell.label} is not in the object store")
            else:
                paths.append(str(path.absolute()))
    return paths, lost
