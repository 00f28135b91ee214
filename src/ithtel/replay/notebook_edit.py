"""`add_tag`, `insert_cell`, `line_of_cell`: edit the text of a notebook file without changing any other byte."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from ithtel.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


class Span(NamedTuple):
    """The extent of a JSON value in a text."""

    start: int
    end: int


def add_tag(text: str, cell_index: int, tag: str) -> str:
    r"""Return the text of a notebook with a tag added to one cell, counted from 0 over all cells.

    Raises:
        DataError: It is not a notebook, or has no such cell.

    >>> add_tag('{"cells": [{"metadata": {}}]}', 0, "x")
    '{"cells": [{"metadata": {"tags": ["x"]}}]}'
    """
    cell = _cell(text, cell_index)
    metadata = _member(text, cell, "metadata")
    if metadata is None:
        raise DataError(f"cell {cell_index} has no metadata: not a notebook of format 4")
    tags = _member(text, metadata, "tags")
    if tags is not None:
        known = json.loads(text[tags.start : tags.end])
        return text if tag in known else _with_item(text, tags, json.dumps(tag))
    inner = _formatted(text, {"tags": [tag]}, metadata.start)
    if not json.loads(text[metadata.start : metadata.end]):
        return text[: metadata.start] + inner + text[metadata.end :]
    return _with_item(text, metadata, inner.strip()[1:-1].strip())


def insert_cell(text: str, cell_index: int, source: str, cell_id: str) -> str:
    """Return the text of a notebook with a code cell inserted before the cell of that index.

    Raises:
        DataError: It is not a notebook, or has no such cell.
    """
    before = _cell(text, cell_index)
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": cell_id, "metadata": {}, "outputs": [],
        "source": source.splitlines(keepends=True),
    }  # fmt: skip
    if _member(text, before, "id") is None:
        del cell["id"]
    line = text.rfind("\n", 0, before.start) + 1
    gap = text[line : before.start]
    is_alone = not gap.strip()
    return (
        text[: before.start]
        + _formatted(text, cell, before.start)
        + (",\n" + gap if is_alone else ", ")
        + text[before.start :]
    )


def line_of_cell(text: str, cell_index: int) -> int:
    r"""Return the line of a notebook file where a cell's source begins, both counted: lines from 1, cells from 0.

    Raises:
        DataError: It is not a notebook, or has no such cell.

    >>> line_of_cell('{"cells": [\n {"id": "a",\n "source": []}]}', 0)
    3
    """
    cell = _cell(text, cell_index)
    source = _member(text, cell, "source")
    return text.count("\n", 0, cell.start if source is None else source.start) + 1


def _cell(text: str, index: int) -> Span:
    try:
        cells = _member(text, _value(text, _skip(text, 0)), "cells")
        found = list(_items(text, cells)) if cells is not None else []
    except (ValueError, IndexError) as error:
        raise DataError(f"not a notebook: {error}") from None
    if index >= len(found):
        raise DataError(f"no cell {index} in this notebook: it has {len(found)}")
    return found[index]


def _with_item(text: str, span: Span, item: str) -> str:
    """Append an item to an array or object."""
    last = span.end - 1
    end = last
    while text[end - 1] in " \t\n\r":
        end -= 1
    if text[end - 1] in "[{":
        return text[:end] + item + text[end:]
    gap = ""
    if "\n" in text[span.start : span.end]:
        line = text.rfind("\n", 0, end) + 1
        gap = "\n" + text[line : len(text[line:end]) - len(text[line:end].lstrip()) + line]
    return text[:end] + "," + (gap or " ") + item + text[end:]


def _formatted(text: str, value: object, place: int) -> str:
    """Return JSON formatted like the text around `place`: with the same indent, or on one line."""
    if "\n" not in text.strip():
        return json.dumps(value, ensure_ascii=False)
    line = text[text.rfind("\n", 0, place) + 1 : place]
    indent = line[: len(line) - len(line.lstrip())]
    step = re.search(r"\n([ \t]+)\S", text)
    lines = json.dumps(value, ensure_ascii=False, indent=step[1] if step else 1).splitlines()
    return ("\n" + indent).join(lines)


def _member(text: str, span: Span, name: str) -> Span | None:
    return next((value for key, value in _members(text, span) if key == name), None)


def _members(text: str, span: Span) -> Iterator[tuple[str, Span]]:
    place = _skip(text, span.start + 1)
    while text[place] != "}":
        key, place = _decode(text, place)
        value = _value(text, _skip(text, _skip(text, place) + 1))
        yield key, value
        place = _skip(text, value.end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _items(text: str, span: Span) -> Iterator[Span]:
    place = _skip(text, span.start + 1)
    while text[place] != "]":
        value = _value(text, place)
        yield value
        place = _skip(text, value.end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _value(text: str, place: int) -> Span:
    return Span(place, _decode(text, place)[1])


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
