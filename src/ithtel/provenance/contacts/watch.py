"""`ContactWatch`: collects what a cell asks of the world outside, each target once with a count."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.provenance.contacts.contact import Contact, contact_of
from ithtel.provenance.contacts.owner import CELL, owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

MAX_CONTACTS = 40
"""Different targets of one cell that are recorded; more are only counted."""


class Found(NamedTuple):
    """A contact, the function that made it, and how often."""

    contact: Contact
    owner: str
    count: int


class ContactWatch:
    """The contacts of one cell.

    Args:
        cell: The namespace in which cells run.
        is_secret: Returns whether the name of an option suggests that its value is a secret.
    """

    def __init__(self, cell: Mapping[str, object], is_secret: Callable[[str], bool]) -> None:
        self._cell = cell
        self._is_secret = is_secret
        self._owners: dict[Contact, str] = {}
        self._counts: dict[Contact, itertools.count[int]] = {}
        self.n_more = 0

    def hear(self, event: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
        """Take in an audit event, one of `ithtel.provenance.contacts.contact.HEARD`, and the frame that raised it."""
        if event == "os.posix_spawn" and frame.f_globals.get("__name__") == "subprocess":
            return  # it has reported the program itself
        contact = contact_of(event, arguments, frame, self._is_secret)
        if contact is not None:
            self.add(contact, frame)

    def add(self, contact: Contact, frame: FrameType | None) -> None:
        """Add a contact if the user's code stands behind it."""
        if contact in self._counts:
            next(self._counts[contact])  # atomic, unlike an addition: threads of a pool ask at once
            return
        owner = owner_of(frame, self._cell)
        if owner is None:
            return
        if len(self._owners) >= MAX_CONTACTS:
            self.n_more += 1
            return
        self._owners[contact] = owner
        self._counts[contact] = itertools.count(2)

    def found(self) -> list[Found]:
        """Return the contacts: of one connection the step that tells most, not the lookup and the request too."""
        everything = [Found(each, self._owners[each], next(self._counts[each]) - 1) for each in [*self._owners]]
        by_step: dict[str, list[Found]] = {}
        for each in everything:
            by_step.setdefault(each.contact.step, []).append(each)
        requested = {(each.contact.host, each.contact.port) for each in by_step.get("request", ())}
        lookups = [each.contact for each in by_step.get("lookup", ())]
        connects = [each.contact for each in by_step.get("connect", ())]
        names, ports = {each.port for each in lookups}, {each.port for each in connects}
        kept = {each for each in lookups if not each.is_local_name or each.port in ports}
        kept |= {each for each in connects if not (each.host and names & {each.port, None})}
        kept = {each for each in kept if (each.host, each.port) not in requested}
        told = (each for each in everything if each.contact in kept or each.contact.step in ("request", ""))
        return list(_folded(told))


def _folded(found: Iterable[Found]) -> Iterator[Found]:
    """Yield each kind and target once: the lookup and the connection to an address have one text."""
    texts: dict[tuple[str, str], Found] = {}
    for each in found:
        known = texts.setdefault(each.contact[:2], each)
        if known.owner == CELL and each.owner != CELL:
            texts[each.contact[:2]] = each
    yield from texts.values()

