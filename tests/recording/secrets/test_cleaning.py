"""What is recorded has neither secrets nor, in a private session, text and values."""

from __future__ import annotations

import msgspec

from ithtel.events import CellPrior, ExceptionInfo, Note, Provenance
from ithtel.recording.secrets.cleaning import Cleaner
from ithtel.recording.settings import Settings

TOKEN = "ghp_" + "a" * 36


def test_an_event_without_secrets_is_returned_itself() -> None:
    """Nothing is copied."""
    note = Note(text="x")
    assert note is Cleaner(Settings()).event(note)


def test_a_private_session_keeps_no_text() -> None:
    """Of an event and of an exception."""
    cleaner = Cleaner(Settings(private=True))
    assert "" == cleaner.event(CellPrior(execution_count=1, source="salary = 1")).source
    assert ("E", "", "") == msgspec.structs.astuple(
        cleaner.exception(ExceptionInfo(type="E", value="v", traceback="t"))
    )
    assert "KeyError" == cleaner.failure("KeyError: 'salary'")


def test_secrets_are_replaced_wherever_text_is_recorded() -> None:
    """In messages, contexts, exceptions and the name of an experiment."""
    cleaner = Cleaner(Settings())
    provenance = Provenance(session_id="s", git_sha=None, input_hash=None, random_seed=None, experiment_id=TOKEN)
    exception = ExceptionInfo(type="E", value=TOKEN, traceback=TOKEN)
    texts = [
        cleaner.text(TOKEN),
        cleaner.context(msgspec.json.encode({"a": TOKEN})).decode(),
        cleaner.exception(exception).value,
        str(cleaner.provenance(provenance).experiment_id),
    ]
    assert [True] * 4 == ["[redacted:github:" in text and TOKEN not in text for text in texts]


def test_digests_stay_comparable_when_settings_change() -> None:
    """A session keeps its key."""
    cleaner = Cleaner(Settings(private=True))
    before = cleaner.privacy
    cleaner.configure(Settings(private=True, env="production"))
    assert before is cleaner.privacy
