"""The verbs of the magics as functions: each calls a command and shows its result in deterministic text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ithtel.errors import InputError, SettingError, did_you_mean
from ithtel.events import EVENTS, Note, event_type
from ithtel.notebook.observers.outside.file_tap import file_tap
from ithtel.notebook.recorder import NOT_RECORDING, require, say
from ithtel.recording.file.location import shown_location

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import numpy as np
    import pandas as pd

    from ithtel.commands.log.doctor import Diagnosis
    from ithtel.commands.log.ledger import Ledger
    from ithtel.notebook.recorder import Recorder
    from ithtel.reading.cells.values import CellStatuses
    from ithtel.recording.session import Session
    from ithtel.viewer.lineage import LineageView
    from ithtel.viewer.timeline.timeline import Picture


def seed(value: object, *, unseeded: bool = False) -> np.random.Generator:
    """Seed every stream, show which ones, and return the Generator."""
    from ithtel.commands.session.seed import seed

    seeded = seed(value, unseeded=unseeded)
    *reached, _returned = seeded.event.components
    reached += ["generators made without a seed"] if unseeded else []
    say(
        "; ".join([f"seed {seeded.event.seed} set for {', '.join(reached)}, and the generator returned", *seeded.notes])
    )
    return seeded.generator


def seed_status(session: Session | None) -> str:
    """Return a line that names the last seed."""
    value = None if session is None else session.provenance.random_seed
    return "no seed was set in this session" if value is None else f"the last seed set is {value}"


def restore(recorder: Recorder, line: str) -> None:
    """Restore every stream to its state before an execution (`--restore @7`) of this session or of a log."""
    from ithtel.commands.log.source import log_of
    from ithtel.commands.session.seed import restore

    option = line.partition("@")[0].strip()
    if option != "--restore":
        raise InputError(f"no option {option!r}{did_you_mean(option, ['--restore'])}")
    text = line.removeprefix(option).strip()
    place, _, source = text.partition(" ")
    if not place.startswith("@") or not place[1:].isdecimal():
        raise InputError(f"--restore expects an execution, such as @7 or @7 LOG@-2, got {text!r}")
    log = log_of(source.strip().strip("'\"") or require(recorder.session))
    restored = restore(log, int(place[1:]), recorder.shell.user_ns)
    run = recorder.hooks.cells.current
    if run is not None:
        run.was_restored = True
    missing = ", ".join(f"not {name} ({why})" for name, why in restored.missing.items())
    done = ", ".join(restored.streams) or "no stream was recorded by then"
    say(f"random state as before [{place[1:]}]: {done}{'; ' if missing else ''}{missing}")


def timeline(session: Session | None, log: str | None) -> Picture:
    """Return the picture of a log, or of this session so far."""
    from ithtel.commands.log.timeline import timeline

    return timeline(require(session) if log is None else log)


def lineage(recorder: Recorder, name: str, *, graph: bool) -> LineageView:
    """Return where a variable's value comes from, in this session so far."""
    from ithtel.commands.log.lineage import lineage

    return lineage(require(recorder.session), name, namespace=recorder.shell.user_ns, graph=graph)


def note(session: Session | None, text: str) -> None:
    """Record a remark."""
    if not text.strip():
        raise InputError("%note needs the text of a remark")
    require(session).emit(Note(text=text.strip()), component="notebook")


def status(recorder: Recorder, _options: argparse.Namespace) -> None:
    """Show whether cells are recorded, where, and which settings differ from the defaults."""
    session = recorder.session
    if session is None:
        say(NOT_RECORDING)
        return
    state = "paused; would record" if session.is_paused else "recording"
    changed = session.settings.changed()
    settings = "".join(f", {name}={value}" for name, value in changed.items() if name != "log_dir")
    say(f"{state} cells to {shown_location(session.path)}{settings}")


def start(recorder: Recorder, options: argparse.Namespace) -> None:
    """Start recording; with a name, to the file of that name."""
    recorder.start(options.rest[0] if options.rest else None)


def stop(recorder: Recorder, _options: argparse.Namespace) -> None:
    """End the session; its file stays."""
    session = require(recorder.session)
    recorder.stop()
    say(f"stopped; the record is in {shown_location(session.path)}")


def pause(recorder: Recorder, _options: argparse.Namespace) -> None:
    """Record nothing until resumed."""
    session = require(recorder.session)
    recorder.hooks.end_cell_here()
    session.pause(by="%ithtel pause")
    say("paused (%ithtel resume)")


def resume(recorder: Recorder, _options: argparse.Namespace) -> None:
    """Resume recording."""
    require(recorder.session).resume(by="%ithtel resume")
    say("recording again")


def events(recorder: Recorder, options: argparse.Namespace) -> pd.DataFrame:
    """Show what was recorded so far as a table; technical events (level DEBUG) only with --all or --type."""
    from ithtel.commands.log.source import read_session

    frame = read_session(require(recorder.session)).frame()
    if options.type:
        known = {*frame["event_type"].dropna(), *map(event_type, EVENTS)}
        if options.type not in known:
            raise InputError(f"no event type {options.type!r}{did_you_mean(options.type, known)}")
        frame = frame[frame["event_type"] == options.type]
    elif not options.all:
        frame = frame[frame["level"] != "DEBUG"]
    return frame[["event_type", "msg"]].reset_index(drop=True)


def change(recorder: Recorder, options: argparse.Namespace) -> None:
    """Change settings of the running session: `%ithtel set level=INFO`."""
    if not options.rest:
        raise SettingError("%ithtel set needs name=value, for example level=INFO")
    for word in options.rest:
        name, equals, value = word.partition("=")
        if not equals:
            raise SettingError(f"expected name=value, got {word!r}")
        recorder.change(name, value)
        say(f"{name} is now {getattr(recorder.config, name)}")


def audit(recorder: Recorder, options: argparse.Namespace) -> Ledger:
    """Show the ledger of this session or of a log: every test in order, with adjusted p-values."""
    from ithtel.commands.log.ledger import ledger

    return ledger(options.rest[0] if options.rest else require(recorder.session))


def doctor(recorder: Recorder, options: argparse.Namespace) -> Diagnosis:
    """Show what threatens the reproduction of this session or of a log, with a fix for each; --git asks git."""
    from ithtel.commands.log.doctor import doctor

    with file_tap.deafened():
        if options.rest:
            return doctor(options.rest[0], git=options.git)
        return doctor(require(recorder.session), git=options.git, reloads=recorder.hooks.imports.autoreload.reloads)


def cells(recorder: Recorder, options: argparse.Namespace) -> CellStatuses:
    """Show the status of each cell of this notebook or of a log: current, stale, never run, not reproducible."""
    from ithtel.commands.log.cells import cells

    with file_tap.deafened():
        return cells(options.rest[0] if options.rest else require(recorder.session))


TABLE: dict[str, Callable[[Recorder, argparse.Namespace], Any]] = {
    "status": status,
    "start": start,
    "stop": stop,
    "pause": pause,
    "resume": resume,
    "events": events,
    "set": change,
    "audit": audit,
    "doctor": doctor,
    "cells": cells,
}
