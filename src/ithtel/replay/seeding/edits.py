"""`Edit`, `edited`, `seeded_calls`: calls of a cell that get a seed, and the text of the cell after that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.replay.seeding.call_sites import CallSite

_WORD = 2**32


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One edit: a piece of the text of a cell replaced, or a cell inserted before it.

    Attributes:
        kind: `text` or `cell`.
        place: The place of the cell, counted from 1.
        before: The text that is replaced; empty if nothing is.
        after: The new text.
        start: Where in the cell it begins, in characters.
    """

    kind: Literal["text", "cell"]
    place: int
    before: str = ""
    after: str
    start: int = 0


def edited(source: str, edits: Sequence[Edit]) -> str:
    """Return the text of a cell after some edits of it.

    >>> edited("rng = Random()", [Edit(kind="text", place=1, before="Random()", after="Random(3)", start=6)])
    'rng = Random(3)'
    """
    for edit in sorted(edits, key=lambda each: (each.start, len(each.before)), reverse=True):
        source = source[: edit.start] + edit.after + source[edit.start + len(edit.before) :]
    return source


def seeded_calls(place: int, source: str, sites: Sequence[CallSite], numbers: Sequence[int], base: int) -> list[Edit]:
    """Return the edits that give calls of one kind of generator their seeds.

    Calls that run once get the recorded numbers, and so draw what they drew. If some run more often, one literal would
    make all their generators the same: they get children of one seed, which a new line before them makes.

    Args:
        place: The place of the cell.
        source: Its text.
        sites: The calls, all of NumPy or all of Python.
        numbers: The numbers that they got.
        base: The seed to use where the recorded numbers do not do.
    """
    if not sites:
        return []
    if not any(site.is_repeated for site in sites) and len(sites) == len(numbers):
        seeds = [_literal(site, number) for site, number in zip(sites, numbers, strict=True)]
        return [_replaced(place, source, site, seed) for site, seed in zip(sites, seeds, strict=True)]
    return list(_children(place, source, sites, base))


def _literal(site: CallSite, number: int) -> str:
    if site.function == "RandomState":
        return f"{site.prefix}MT19937({number})" if site.prefix else str(number % _WORD)
    return str(number % _WORD if site.function == "seed" and site.source == "numpy" else number)


def _children(place: int, source: str, sites: Sequence[CallSite], base: int) -> Iterator[Edit]:
    first = sites[0]
    name = f"seeds_{place}" if first.source == "numpy" else f"seeds_{place}_python"
    if first.source == "python":
        line = f"{name} = {first.prefix}Random({base})\n"
    elif first.prefix:
        line = f"{name} = {first.prefix}SeedSequence({base})\n"
    else:
        line = f"from numpy.random import MT19937, SeedSequence\n{name} = SeedSequence({base})\n"
    yield Edit(kind="text", place=place, after=line, start=first.statement)
    for site in sites:
        yield _replaced(place, source, site, _child(site, name))


def _child(site: CallSite, name: str) -> str:
    if site.source == "python":
        return f"{name}.getrandbits(128)"
    child = f"{name}.spawn(1)[0]"
    if site.function == "RandomState":
        return f"{site.prefix}MT19937({child})"
    return f"{child}.generate_state(1)[0]" if site.function == "seed" else child


def _replaced(place: int, source: str, site: CallSite, seed: str) -> Edit:
    is_child = site.function == "SeedSequence" and seed.endswith("[0]")
    after = seed if is_child else f"{site.prefix}{site.function}({seed})"
    return Edit(kind="text", place=place, before=source[site.start : site.end], after=after, start=site.start)
