"""`ContactWatch`: collects what a cell asks of the world outside, each target once with a count."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from ithtel.provenance.contacts.contact import ANSWERED, SQLITE, SQLITE_OPENED, Contact, contact_of
from ithtel.provenance.contacts.owner import CELL, owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

MAX_ANSWERS = 1000
"""Answers of one cell that are recorded."""
MAX_CONTACTS = 40
"""Different targets of one cell that are recorded; more are only counted."""


class Found(NamedTuple):
    """A contact, the function that made it, and how often."""

    contact: Contact
    owner: str
    n_times: int


class Answered(NamedTuple):
    """A question of `input()` and what was answered; None for a password."""

    prompt: str
    answer: str | None


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
        self._heard: dict[tuple[object, ...], itertools.count[int]] = {}
        """Arguments that were heard before; a program may send to one address a thousand times."""
        self.n_more = 0
        self.answers: list[Answered] = []
        """What the person before the notebook answered, in order."""
        self._prompt = ""
        self.opened: dict[int, Contact | None] = {}
        """The `id` of each connection to SQLite → its file, None if the database is in memory."""
        self._opening: Contact | None = None

    def hear(self, event: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
        """Take in an audit event, one of `ithtel.provenance.contacts.contact.HEARD`, and the frame that raised it."""
        if event == "os.posix_spawn" and frame.f_globals.get("__name__") == "subprocess":
            return  # it has reported the program itself
        if event == ANSWERED:
            self.answered(self._prompt, arguments[0])
            return
        if event == "builtins.input":
            self._prompt = str(arguments[0]) if arguments and type(arguments[0]) is str else ""
        if event == SQLITE_OPENED:
            self.opened[id(arguments[0])] = self._opening
            return
        key = _key_of(event, arguments)
        if key is not None and key in self._heard:
            next(self._heard[key])
            return
        contact = contact_of(event, arguments, frame, self._is_secret)
        if event == SQLITE:
            self._opening = contact
        if contact is not None:
            self.add(contact, frame)
            if key is not None and contact in self._counts:
                self._heard[key] = self._counts[contact]

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

    def answered(self, prompt: object, answer: object, *, is_password: bool = False) -> None:
        """Add what a person answered."""
        if len(self.answers) < MAX_ANSWERS:
            text = answer if isinstance(answer, str) and not is_password else None
            self.answers.append(Answered(prompt if isinstance(prompt, str) else "", text))

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
        owners = {each.contact.port: each.owner for each in by_step.get("connect", ()) if each.owner != CELL}
        told = (each for each in everything if each.contact in kept or each.contact.step in ("request", ""))
        return list(_folded(_with_owner(each, owners) for each in told))


def _key_of(event: str, arguments: tuple[Any, ...]) -> tuple[object, ...] | None:
    """Return what tells an address from others; None if that would run code of the user's, or if it is not one."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if type(address) is tuple and type(address[0]) is str and type(address[1]) is int:
            return (event, *address[:2])
    elif event == "socket.getaddrinfo" and type(arguments[0]) is str and type(arguments[1]) in (int, str):
        return (event, *arguments[:2])
    return None


def _with_owner(found: Found, owners: dict[int | None, str]) -> Found:
    """Return a lookup with the owner of the connection: names are looked up in a thread that shows no owner."""
    is_unowned = found.contact.step == "lookup" and found.owner == CELL
    return found._replace(owner=owners.get(found.contact.port, CELL)) if is_unowned else found


def _folded(found: Iterable[Found]) -> Iterator[Found]:
    """Yield each kind and target once: the lookup and the connection to an address have one text."""
    texts: dict[tuple[str, str], Found] = {}
    for each in found:
        known = texts.setdefault(each.contact[:2], each)
        if known.owner == CELL and each.owner != CELL:
            texts[each.contact[:2]] = each
    yield from texts.values()
