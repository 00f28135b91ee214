"""`Cleaner`: takes out of what is about to be recorded what must not reach the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from ithtel.events.values import encode_text
from ithtel.recording.secrets.private_mode import Privacy
from ithtel.recording.secrets.redaction import Redactor

if TYPE_CHECKING:
    from ithtel.events import Event, ExceptionInfo, Provenance
    from ithtel.recording.settings import Settings

E = TypeVar("E", bound="Event")
_NO_CONTEXT = b"{}"


class Cleaner:
    """The redaction of secrets and, in a private session, the removal of text and values."""

    def __init__(self, settings: Settings) -> None:
        self.redactor = Redactor(pattern=settings.redact)
        self.privacy = Privacy() if settings.private else None

    def configure(self, settings: Settings) -> None:
        """Apply other settings; the keys of digests stay the same within a session."""
        self.redactor.set_pattern(settings.redact)
        self.privacy = (self.privacy or Privacy()) if settings.private else None

    def event(self, event: E) -> E:
        """Return `event` as it may be recorded."""
        event = self.redactor.event(event)
        return event if self.privacy is None else self.privacy.event(event)

    def text(self, text: str) -> str:
        """Return a message or a name as it may be recorded."""
        return self.redactor.text(encode_text(text))

    def context(self, context: bytes) -> bytes:
        """Return the encoded context of a plain message as it may be recorded."""
        if context == _NO_CONTEXT:
            return context
        return msgspec.json.encode(self.redactor.value(msgspec.json.decode(context)))

    def exception(self, exception: ExceptionInfo) -> ExceptionInfo:
        """Return an exception as it may be recorded."""
        exception = self.redactor.value(exception)
        return exception if self.privacy is None else self.privacy.exception(exception)

    def failure(self, reason: str) -> str:
        """Return the reason for a failure as it may be recorded."""
        return reason if self.privacy is None else self.privacy.failure(reason)

    def provenance(self, provenance: Provenance) -> Provenance:
        """Return provenance as it may be recorded."""
        name = provenance.experiment_id
        return provenance if name is None else msgspec.structs.replace(provenance, experiment_id=self.text(name))
