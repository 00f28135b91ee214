"""What each kind of event needs on its way into a line, looked up once: a class attribute of a struct costs 50 ns."""

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
    """What a kind of event needs."""

    level: str
    texts: Callable[[Event], Texts]
    """Takes out what is to be searched for secrets."""
    is_learned: bool
    """Whether the lines after it name what it says."""
    is_kept: bool
    """Whether contents may be kept beside the log for it."""
    is_single: bool
    """Whether each event of the kind tells the session something: they cannot be written as columns."""
    has_payload: bool
    is_payload: bool
    is_plain: bool
    """Whether there is no more to it than to encode it, once `texts`, each a plain text or None, hold no secret."""


plans: dict[type[Event], Plan] = {}


def plan_of(kind: type[Event]) -> Plan:
    """Return, and remember, what `kind` needs."""
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
