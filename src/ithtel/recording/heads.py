"""`Heads`, `Head`, `Place`: the parts that lines of the same kind and place have in common, made once.

An event whose head is remembered only has to be encoded, once its texts are known to be clean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Raw

from ithtel.events import CellEnd, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.recording.file.object_store import Keeper
    from ithtel.recording.journal.writer import Writer
    from ithtel.recording.lines.event_plan import Plan
    from ithtel.recording.secrets.cleaning import Cleaner
    from ithtel.recording.secrets.redaction import Texts
    from ithtel.recording.settings import Settings

_MAX_HEADS = 512
Place = tuple[type[Event], str | None, int, str | None]
"""Event class, component, thread, cell run."""
Head = tuple[str, "Callable[[Event], Texts]", Raw, Raw, "Callable[[Event], None] | None"]
"""Level, what to search for secrets, the sender, the experiment, what to do once the line is written."""


class Heads:
    """The heads of lines in one state of the session; after every change of the session another one takes its place."""

    def __init__(self, cleaner: Cleaner, writer: Writer, keeper: Keeper | None, settings: Settings) -> None:
        self.known: dict[Place, Head] = {}
        self._cleaner = cleaner
        self._writer = writer
        self._keeper = keeper
        self._settings = settings

    def of(self, event: Event, place: Place, plan: Plan) -> Head:
        """Return the head of a clean event's line; remember it if such events only have to be encoded."""
        _kind, component, tid, span_id = place
        who = self._writer.who(None if component is None else self._cleaner.text(component), None, tid)
        head = plan.level, plan.texts, who, self._writer.what(span_id), self._after(plan, type(event))
        if plan.is_plain and self._cleaner.privacy is None:
            if len(self.known) >= _MAX_HEADS:
                self.known.clear()
            self.known[place] = head
            self._cleaner.redactor.remember(plan.texts(event))
        return head

    def _after(self, plan: Plan, kind: type[Event]) -> Callable[[Event], None] | None:
        """Return what to do after an event of a kind was written."""
        if plan.is_kept and self._keeper is not None:
            return self._keeper.see
        if kind is CellEnd and self._settings.durability == "cell":
            return lambda _event: self._writer.sync()
        return None
