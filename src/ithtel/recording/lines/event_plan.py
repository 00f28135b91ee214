"""`Plan`, `plan_of`: what an event class needs on its way into a line, looked up once.

Reading a class attribute of a struct costs 50 ns each time.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import AlgorithmInit, CellEnd, DataLoad, Event, SeedSet
from ithtel.recording.file.object_store import KEPT_EVENTS
from ithtel.recording.secrets.redaction import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.recording.secrets.redaction import Texts

_LEARNED = (SeedSet, DataLoad, AlgorithmInit)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an event class needs."""

    level: str
    texts: Callable[[Event], Texts]
    """Returns the texts of an event that are searched for secrets."""
    is_learned: bool
    """Whether later lines name the seed or the input that it reports."""
    is_kept: bool
    """Whether content may be kept beside the log for it."""
    is_single: bool
    """Whether the session has to see each event, so that they cannot be written as columns."""
    has_payload: bool
    is_payload: bool
    is_plain: bool
    """Whether it only has to be encoded, once `texts`, each a plain text or None, are known to hold no secret."""


plans: dict[type[Event], Plan] = {}


def plan_of(kind: type[Event]) -> Plan:
    """Return what `kind` needs, and remember it."""
    searched = (*kind.free_text, *kind.paths)
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    has_payload = bool(kind.payload) or kind.is_payload
    is_deep = SOURCE in searched or not all(types[name] in (str, str | None) for name in searched)
    made = plans[kind] = Plan(
        level=kind.level,
        texts=_getter(searched),
        is_learned=issubclass(kind, _LEARNED),
        is_kept=issubclass(kind, KEPT_EVENTS),
        is_single=issubclass(kind, (*_LEARNED, *KEPT_EVENTS, CellEnd)),
        has_payload=has_payload,
        is_payload=kind.is_payload,
        is_plain=not (is_deep or has_payload or issubclass(kind, (*_LEARNED, *KEPT_EVENTS, CellEnd))),
    )
    return made


def _getter(names: tuple[str, ...]) -> Callable[[Event], Texts]:
    return attrgetter(*names) if names else lambda _event: None
