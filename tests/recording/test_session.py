"""A session: lines in order, each whole, each with the operating system when `emit` returns."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.errors import InputError, RecordingError, SettingError
from ithtel.events import (
    CellOutput,
    CellPrior,
    Envelope,
    EpochDetected,
    Event,
    LogSeal,
    Note,
    SeedSet,
    SessionEnd,
    published,
)
from ithtel.recording.file.sink import MemorySink, open_sink
from ithtel.recording.process import overriding, sessions
from ithtel.recording.session import Session
from ithtel.testing import capture_events
from strategies import any_event, relaxed


def lines(path: Path | None) -> list[dict[str, Any]]:
    """Read a log as strict JSON."""
    assert path is not None
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text(encoding="utf-8").splitlines()]


def test_events_are_in_the_file_when_emit_returns() -> None:
    """Nothing waits in memory."""
    session = ithtel.start("a")
    session.emit(Note(text="hello"))
    assert "hello" == lines(session.path)[-1]["context"]["text"]


def test_a_session_begins_and_ends_on_record() -> None:
    """First `session.start`, last `session.end` with the number of lines before it."""
    with ithtel.start("a") as session:
        session.emit(Note(text="x"))
    written = lines(session.path)
    assert ["session.start", "note", "log.seal", "session.end"] == [line["context"]["event_type"] for line in written]
    assert 3 == written[-1]["context"]["n_events"]


def test_every_line_validates() -> None:
    """The envelope's schema and the event's hold for each line, by the independent jsonschema package."""
    schema = published.schema_of(Envelope)
    with ithtel.start("a") as session:
        ithtel.analyze([1, 1.06, 1, 1.12], hurdle=0.05)
        ithtel.seed(1)
    by_type = {published.event_type(event): published.schema_of(event) for event in published.EVENTS}
    for line in lines(session.path):
        jsonschema.validate(line, schema)
        if "event_type" in line["context"]:  # a plain message says how long numba took, if it took long
            jsonschema.validate(line["context"], by_type[line["context"]["event_type"]])


def test_numbers_have_no_gap() -> None:
    """`seq` counts 0, 1, 2 … over events and messages."""
    from loguru import logger

    with ithtel.start("a") as session:
        for i in range(5):
            session.emit(Note(text=str(i)))
            logger.info("{}", i)
    assert list(range(13)) == [line["seq"] for line in lines(session.path)]


def test_threads_write_whole_lines_in_order() -> None:
    """N lines in, n lines out, numbered in the order of the file."""
    session = ithtel.start("a")
    threads = [
        threading.Thread(target=lambda: [session.emit(Note(text="x" * 5_000)) for _ in range(200)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(801)) == [line["seq"] for line in lines(session.path)]


def test_the_envelope_names_seed_and_input() -> None:
    """Lines after a seed and a load say what they depend on."""
    session = ithtel.start("a")
    ithtel.seed(7)
    ithtel.datasets.google()
    session.emit(Note(text="x"))
    provenance = lines(session.path)[-1]["provenance"]
    assert 7 == provenance["random_seed"]
    assert provenance["input_hash"].startswith("sha256:")


def test_a_file_holds_several_sessions() -> None:
    """A second session of a name appends, under an identity of its own."""
    for _ in range(2):
        ithtel.start("a").close()
    written = lines(Path("logs/ndjson/a.jsonl"))
    assert 2 == len({line["provenance"]["session_id"] for line in written})
    assert [0, 1, 2, 0, 1, 2] == [line["seq"] for line in written]


def test_the_file_is_the_owners_only() -> None:
    """Files 0600, folders 0700, and git is kept out."""
    session = ithtel.start("a")
    assert session.path is not None
    assert 0o600 == stat.S_IMODE(session.path.stat().st_mode)
    assert 0o700 == stat.S_IMODE(session.path.parent.stat().st_mode)
    assert "*\n" == Path("logs/.gitignore").read_text()


def test_sessions_nest() -> None:
    """The latest one that has not ended takes the events."""
    with ithtel.start("outer") as outer:
        with ithtel.start("inner") as inner:
            assert inner is ithtel.current()
        assert outer is ithtel.current()
    assert ithtel.current() is None


def test_stop_returns_the_session_it_ended() -> None:
    """`ithtel.stop()` ends the current session; without one it does nothing."""
    session = ithtel.start("a")
    assert session is ithtel.stop()
    assert session.is_closed
    assert ithtel.stop() is None


def test_an_ended_session_says_so() -> None:
    """Emitting into it is an error that tells the mend."""
    session = ithtel.start("a")
    session.close()
    session.close()
    with pytest.raises(RecordingError, match=r"session 'a' has ended; start a new one"):
        session.emit(Note(text="x"))


def test_a_paused_session_records_nothing() -> None:
    """Between pause and resume there is nothing but the two."""
    session = ithtel.start("a")
    session.pause(by="test")
    session.emit(Note(text="secret"))
    session.resume(by="test")
    kinds = [line["context"]["event_type"] for line in lines(session.path)]
    assert ["session.start", "recording.paused", "recording.resumed"] == kinds


# ---- most events need no care: `emit` has a short way for them


def captured_lines(events: list[Event], *, forgets: bool) -> list[bytes]:
    """Return the lines of events, each emitted twice; the second time the short way is open, unless it is forgotten."""
    with capture_events() as captured:
        for event in events:
            for _ in range(2):
                captured.session.emit(event)
                if forgets:
                    captured.session._heads.known.clear()
    return captured.sink.lines()


@relaxed
@given(st.lists(any_event.filter(lambda event: not isinstance(event, SessionEnd | LogSeal)), max_size=3))
def test_the_short_way_writes_the_same_lines(events: list[Event]) -> None:
    """A session that forgets the heads of its lines prepares each event anew, and writes the same."""
    assert captured_lines(events, forgets=True) == captured_lines(events, forgets=False)


def test_the_short_way_replaces_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known by the environment, or by a pattern that was set meanwhile."""
    monkeypatch.setenv("DB_PASSWORD", "correct-horse")
    with capture_events() as captured:
        for text in ("plain", "plain", "correct-horse"):
            captured.session.emit(Note(text=text))
        captured.session.settings = captured.session.settings.replaced(redact="plain")
        captured.session.emit(Note(text="plain"))
    kinds = [event.text.split(":")[:2] for event in captured.events(Note)]
    assert [["plain"], ["plain"], ["[redacted", "env"], ["[redacted", "pattern"]] == kinds


@pytest.fixture
def hurried() -> Session:
    """A session for which the short way is open."""
    session = ithtel.start("a", git=False, loguru=False)
    for _ in range(2):
        session.emit(CellPrior(execution_count=1, source="before"))
    return session


def sources(session: Session) -> list[str]:
    """Return what the lines of cells say, of all parts."""
    assert session.path is not None
    return [event.source for event in ithtel.read(session.path).events(CellPrior)]


def test_the_short_way_ends_with_a_pause(hurried: Session) -> None:
    """Nothing is written."""
    hurried.pause(by="test")
    hurried.emit(CellPrior(execution_count=1, source="after"))
    assert ["before", "before"] == sources(hurried)


def test_the_short_way_ends_with_the_session(hurried: Session) -> None:
    """It is said."""
    hurried.close()
    with pytest.raises(RecordingError, match="has ended"):
        hurried.emit(CellPrior(execution_count=1, source="after"))


def test_the_short_way_ends_where_settings_want_more(hurried: Session) -> None:
    """A way to the disk to wait for, a file to rotate, text to leave out."""
    hurried.settings = hurried.settings.replaced(durability="disk")
    with mock.patch.object(hurried.sink, "sync", wraps=hurried.sink.sync) as sync:
        hurried.emit(CellPrior(execution_count=1, source="on the disk"))
    assert sync.called
    hurried.settings = hurried.settings.replaced(durability="process", rotation="1 KB", compression="none")
    for _ in range(3):
        hurried.emit(CellPrior(execution_count=1, source="rotated"))
    assert hurried.path is not None
    assert len(list(hurried.path.parent.glob("*.jsonl"))) > 1
    hurried.settings = hurried.settings.replaced(private=True)
    hurried.emit(CellPrior(execution_count=1, source="private"))
    assert ["before", "before", "on the disk", "rotated", "rotated", "rotated", ""] == sources(hurried)


@pytest.mark.parametrize("name", ["", "../a", ".a", "a/b", "a" * 101, "a "])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    """The error says what is possible, and nothing was created."""
    with pytest.raises(InputError, match="cannot name a session"):
        ithtel.start(name)
    assert not Path("logs").exists()


def test_an_unknown_setting_is_refused() -> None:
    """With the near miss."""
    with pytest.raises(SettingError, match=r"no setting 'levle' \(did you mean 'level'\?\)"):
        ithtel.start("a", levle="INFO")


def test_an_experiment_shares_its_trace() -> None:
    """Two sessions of one experiment have one trace id; two without have two."""
    one, two = ithtel.start("a", experiment_id="x"), ithtel.start("b", experiment_id="x")
    assert one.trace_id == two.trace_id
    assert ithtel.start("c").trace_id != ithtel.start("d").trace_id


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument goes before `ITHTEL_…`, that before the default."""
    monkeypatch.setenv("ITHTEL_ENV", "production")
    monkeypatch.setenv("ITHTEL_LEVEL", "info")
    session = ithtel.start("a", level="WARNING")
    assert ("production", "WARNING") == (session.settings.env, session.settings.level)


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which setting, and what was given."""
    monkeypatch.setenv("ITHTEL_GIT", "maybe")
    with pytest.raises(SettingError, match="'git' does not take 'maybe'"):
        ithtel.start("a")


def test_an_override_takes_the_events_of_its_context_only() -> None:
    """A test may divert events; another thread is not diverted."""
    outer = ithtel.start("outer")
    diverted = Session("test", MemorySink(), outer.settings, outer.provenance)
    seen: list[Session | None] = []
    with overriding(diverted):
        assert diverted is ithtel.current()
        thread = threading.Thread(target=lambda: seen.append(ithtel.current()))
        thread.start()
        thread.join()
    assert [outer] == seen


def test_a_folder_that_cannot_be_written_gives_way_to_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording goes on elsewhere, and one sentence says where, the home folder as `~`."""
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work/logs").write_text("a file in the way")
    session = ithtel.start("a")
    assert (tmp_path / "state/ithtel/logs/ndjson/a.jsonl") == session.path
    assert session.notice is not None
    assert session.notice.startswith("cannot write to logs (")
    assert session.notice.endswith("; recording to ~/state/ithtel/logs instead")


def test_without_any_folder_lines_are_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording goes on in memory, and one sentence says so."""
    (tmp_path / "logs").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    session = ithtel.start("a")
    session.emit(Note(text="kept"))
    assert isinstance(session.sink, MemorySink)
    assert b'"kept"' in session.sink.lines()[-1]
    assert session.notice is not None
    assert "recording to memory" in session.notice


def test_what_cannot_be_written_is_said_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk never reaches the caller; once there is room, the record says what is missing."""
    session = ithtel.start("a", backlog="0 B", git=False)

    def full(_lines: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session.sink, "write", full)
        patch.setattr(session.sink, "append", full)
        session.emit(Note(text="lost"))
        session.emit(Note(text="lost too"))
    session.emit(Note(text="kept"))
    loss = lines(session.path)[-1]["context"]
    assert ("recording.loss", 2, 1, 2) == (loss["event_type"], loss["n_dropped"], loss["first_seq"], loss["last_seq"])
    assert "No space left" in loss["reason"]
    assert 2 == session.n_dropped


def test_a_sink_carries_a_short_write_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is whole even where the system takes it in pieces."""
    sink, _notice = open_sink(tmp_path, "a")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    sink.append(b'{"a":1}\n')
    assert sink.path is not None
    assert b'{"a":1}\n' == sink.path.read_bytes()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=share(50))
@given(text=st.text(st.characters()))
def test_any_text_comes_back(text: str) -> None:
    """Markup, braces, NUL, emoji: as they are; a lone surrogate by its escape."""
    sink = MemorySink()
    with ithtel.start("a", sink=sink, git=False, loguru=False) as session:
        session.emit(
            EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.0, excess_loss=0.0, series=ithtel_safe(text))
        )
    assert ithtel_safe(text) == json.loads(sink.lines()[1])["context"]["series"]


def ithtel_safe(text: str) -> str:
    """Escape lone surrogates as whoever makes an event does."""
    from ithtel.events.values import encode_text

    return encode_text(text)


CHILD = """
import ithtel, os, sys
session = ithtel.start("killed", git=False)
for i in range(int(sys.argv[1])):
    session.emit(ithtel.events.Note(text=str(i)))
    os.write(1, b"%d\\n" % i)
os.kill(os.getpid(), 9)
"""


@pytest.mark.kernel
def test_a_killed_process_loses_nothing_that_was_emitted() -> None:
    """SIGKILL: every event whose `emit` had returned is in the file."""
    done = subprocess.run([sys.executable, "-c", CHILD, "300"], capture_output=True, check=False)
    assert -signal.SIGKILL == done.returncode
    emitted = done.stdout.decode().split()
    recorded = [line["context"]["text"] for line in lines(Path("logs/ndjson/killed.jsonl"))[1:]]
    assert 300 == len(emitted)
    assert emitted == recorded


@pytest.mark.kernel
def test_a_process_that_forgets_to_stop_ends_its_session() -> None:
    """`session.end` is written when the interpreter exits."""
    code = "import ithtel; ithtel.start('forgot'); ithtel.seed(1)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "session.end" == lines(Path("logs/ndjson/forgot.jsonl"))[-1]["context"]["event_type"]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_counts_for_itself() -> None:
    """The child appends under its own pid, from 0; the parent goes on where it was."""
    session = ithtel.start("a", git=False)
    child = multiprocessing.get_context("fork").Process(target=lambda: session.emit(Note(text="child")))
    child.start()
    child.join()
    session.emit(Note(text="parent"))
    *_, of_child, of_parent = lines(session.path)
    assert ("child", 0) == (of_child["context"]["text"], of_child["seq"])
    assert ("parent", 1) == (of_parent["context"]["text"], of_parent["seq"])
    assert of_child["pid"] != of_parent["pid"]


def test_the_process_owns_no_session_at_rest() -> None:
    """Tests leave nothing behind."""
    assert sessions.current is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation", "foo"),
        ("retention", "x"),
        ("max_log_bytes", "abc"),
        ("backlog", "abc"),
        ("redact", "("),
        ("keep", "x"),
    ],
)
def test_a_refused_setting_changes_nothing(name: str, value: str) -> None:
    """Neither half of it, nor what is recorded after it."""
    session = ithtel.start("a", git=False, loguru=False)
    before = session.settings
    with pytest.raises(SettingError, match=f"setting '{name}' does not take"):
        session.settings = before.replaced(**{name: value, "env": "production"})
    assert before == session.settings
    session.emit(SeedSet(seed=1, components=[], state_sha256={}))
    session.settings = before.replaced(env="staging")
    session.emit(Note(text="x"))
    assert ["development", "staging"] == [record.envelope.env for record in ithtel.read(session.path)][-2:]


def test_a_table_tells_the_session_what_its_rows_do() -> None:
    """Seeds that are written as columns are seeds of the lines after them."""
    session = ithtel.start("a", git=False, loguru=False)
    assert 2 == session.emit_many(SeedSet, {"seed": [1, 2], "components": [[], []], "state_sha256": [{}, {}]})
    session.emit(Note(text="x"))
    assert [2] == [record.envelope.provenance.random_seed for record in ithtel.read(session.path)][-1:]


def test_what_is_no_text_is_recorded_again_and_again() -> None:
    """An event is not checked when it is made: a list where a text should be is written as it is."""
    session = ithtel.start("a", git=False, loguru=False)
    for series in ("NAV", "NAV", ["NAV"], ["NAV"]):
        session.emit(EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.0, excess_loss=0.0, series=series))
    assert ["NAV", "NAV", ["NAV"], ["NAV"]] == [line["context"]["series"] for line in lines(session.path)[1:]]


def test_nothing_follows_a_pause() -> None:
    """Threads that emit all the time: once it is on record that recording is off, it is off for new events."""
    session = ithtel.start("a", git=False, loguru=False)
    session.pause("test")
    session.emit(Note(text="x"))
    session.resume("test")
    assert ["session.start", "recording.paused", "recording.resumed"] == [
        line["context"]["event_type"] for line in lines(session.path)
    ]


def test_a_limit_that_is_raised_lets_payload_in_again() -> None:
    """Past it fields of payload are left out of tables, too; beyond the new one they are not."""
    session = ithtel.start("a", git=False, loguru=False, max_log_bytes="10 KB")
    session.emit(Note(text="x" * 20_000))
    output = {"execution_count": [1], "kind": ["stdout"], "mime": [{}], "text": ["shown"]}
    session.emit_many(CellOutput, output)
    session.settings = session.settings.replaced(max_log_bytes="1 MB")
    session.emit_many(CellOutput, output)
    assert [None, "shown"] == [event.text for event in ithtel.read(session.path).events(CellOutput)]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_a_number_that_is_not_finite_is_null(kind: type[Any]) -> None:
    """Whoever made it: the line is read back as the event it was."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(EpochDetected(epoch_index=1, bar_index=1, excess_gain=kind("nan"), excess_loss=kind("inf")))
    (epoch,) = ithtel.read(session.path).events(EpochDetected)
    assert (None, None) == (epoch.excess_gain, epoch.excess_loss)
