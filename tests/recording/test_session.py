"""A session: lines in order, each whole, each with the operating system when `emit` returns."""

from __future__ import annotations

import json
import multiprocessing
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.errors import RecordingError, SettingError
from ithtel.events import (
    Envelope,
    EpochDetected,
    Note,
    SeedSet,
    published,
)
from ithtel.recording.file.sink import MemorySink


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
    by_type = {published.event_type(event): published.schema_of(event) for event in published.EVENTS}  # type: ignore[attr-defined]
    for line in lines(session.path):
        jsonschema.validate(line, schema)
        if "event_type" in line["context"]:  # a plain message gives the time numba took, if it was long
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
    """N events become n lines, numbered in the order of the file."""
    session = ithtel.start("a")
    threads = [
        threading.Thread(target=lambda: [session.emit(Note(text="x" * 5_000)) for _ in range(200)])  # type: ignore[func-returns-value]
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(801)) == [line["seq"] for line in lines(session.path)]


def test_the_envelope_names_seed_and_input() -> None:
    """Lines after a seed and a load name what they depend on."""
    session = ithtel.start("a")
    ithtel.seed(7)
    ithtel.datasets.google()
    session.emit(Note(text="x"))
    provenance = lines(session.path)[-1]["provenance"]
    assert 7 == provenance["random_seed"]
    assert provenance["input_hash"].startswith("sha256:")


def test_an_ended_session_says_so() -> None:
    """Emitting into it is an error that names the fix."""
    session = ithtel.start("a")
    session.close()
    session.close()
    with pytest.raises(RecordingError, match=r"session 'a' has ended; start a new one"):
        session.emit(Note(text="x"))


def test_a_paused_session_records_nothing() -> None:
    """Only the pause and the resumption are recorded."""
    session = ithtel.start("a")
    session.pause(by="test")
    session.emit(Note(text="secret"))
    session.resume(by="test")
    kinds = [line["context"]["event_type"] for line in lines(session.path)]
    assert ["session.start", "recording.paused", "recording.resumed"] == kinds


def test_what_cannot_be_written_is_said_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller never notices a full disk; once there is space, the log reports what is missing."""
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


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=share(50))
@given(text=st.text(st.characters()))
def test_any_text_comes_back(text: str) -> None:
    """Markup, braces, NUL and emoji are unchanged; a lone surrogate is escaped."""
    sink = MemorySink()
    with ithtel.start("a", sink=sink, git=False, loguru=False) as session:
        session.emit(
            EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.0, excess_loss=0.0, series=ithtel_safe(text))
        )
    assert ithtel_safe(text) == json.loads(sink.lines()[1])["context"]["series"]


def ithtel_safe(text: str) -> str:
    """Escape lone surrogates, as the code that makes events does."""
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


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_counts_for_itself() -> None:
    """The child appends under its own pid from 0, and the parent continues its numbers."""
    session = ithtel.start("a", git=False)
    child = multiprocessing.get_context("fork").Process(target=lambda: session.emit(Note(text="child")))
    child.start()
    child.join()
    session.emit(Note(text="parent"))
    *_, of_child, of_parent = lines(session.path)
    assert ("child", 0) == (of_child["context"]["text"], of_child["seq"])
    assert ("parent", 1) == (of_parent["context"]["text"], of_parent["seq"])
    assert of_child["pid"] != of_parent["pid"]


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
    """No part of the change is applied, and recording continues as before."""
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
    """A seed written as a table is the seed of the lines after it."""
    session = ithtel.start("a", git=False, loguru=False)
    assert 2 == session.emit_many(SeedSet, {"seed": [1, 2], "components": [[], []], "state_sha256": [{}, {}]})
    session.emit(Note(text="x"))
    assert [2] == [record.envelope.provenance.random_seed for record in ithtel.read(session.path)][-1:]


def test_what_is_no_text_is_recorded_again_and_again() -> None:
    """Events are not validated when they are made: a list in place of a text is written unchanged."""
    session = ithtel.start("a", git=False, loguru=False)
    for series in ("NAV", "NAV", ["NAV"], ["NAV"]):
        session.emit(EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.0, excess_loss=0.0, series=series))
    assert ["NAV", "NAV", ["NAV"], ["NAV"]] == [line["context"]["series"] for line in lines(session.path)[1:]]


def test_nothing_follows_a_pause() -> None:
    """No event follows the line that reports the pause."""
    session = ithtel.start("a", git=False, loguru=False)
    session.pause("test")
    session.emit(Note(text="x"))
    session.resume("test")
    assert ["session.start", "recording.paused", "recording.resumed"] == [
        line["context"]["event_type"] for line in lines(session.path)
    ]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_a_number_that_is_not_finite_is_null(kind: type[Any]) -> None:
    """It is read back as null, for floats of Python and of NumPy."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(EpochDetected(epoch_index=1, bar_index=1, excess_gain=kind("nan"), excess_loss=kind("inf")))
    (epoch,) = ithtel.read(session.path).events(EpochDetected)
    assert (None, None) == (epoch.excess_gain, epoch.excess_loss)
