"""The verbs of `%ithtel` that compare and run again: changed, diff, replay, check."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ithtel.notebook.observers.outside.file_tap import file_tap
from ithtel.notebook.recorder import require, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ithtel.commands.replay.replay import Replay
    from ithtel.notebook.recorder import Recorder
    from ithtel.viewer.diff import VerdictView

_REPLAYING = "ITHTEL_REPLAY"


def changed(recorder: Recorder, _options: argparse.Namespace) -> VerdictView | None:
    """Show how this session differs so far from the previous one of this notebook; nothing is run."""
    from ithtel.commands.log.diff import changed
    from ithtel.viewer.diff import VerdictView

    with file_tap.deafened():
        difference = changed(require(recorder.session))
    if difference is None:
        say("there is no earlier session of this notebook")
        return None
    return VerdictView(difference)


def diff(recorder: Recorder, options: argparse.Namespace) -> VerdictView | None:
    """Compare two logs, or the last two sessions of one; without a name, this session and the previous one."""
    from ithtel.commands.log.diff import diff
    from ithtel.viewer.diff import VerdictView

    if not options.rest:
        return changed(recorder, options)
    with file_tap.deafened():
        return VerdictView(diff(*options.rest[:2]))


def replay(recorder: Recorder, options: argparse.Namespace) -> Replay | None:
    """Show what replaying a log (by default this session so far) would run; with --yes, run it and compare."""
    from ithtel.commands.replay.replay import replay
    from ithtel.replay.options import RunOptions

    if _is_replayed():
        return None
    source = options.rest[0] if options.rest else require(recorder.session)
    with file_tap.deafened():
        found = replay(source, run=options.yes, options=RunOptions(fresh=options.fresh))
    if found.outcome == "not run":
        say("nothing has run yet; %ithtel replay … --yes runs this:")
    return found


def check(_recorder: Recorder, options: argparse.Namespace) -> None:
    """Run notebooks, or those in folders, in copies, and compare the results with their baselines."""
    from ithtel.commands.replay.check import check

    if _is_replayed():
        return
    with file_tap.deafened():
        for checked in check(options.rest or ["."]):
            say(checked.text())


def _is_replayed() -> bool:
    """Return whether this is the kernel of a replay, in which nothing is replayed."""
    if os.environ.get(_REPLAYING):
        say("cannot replay inside a replay")
        return True
    return False


TABLE: dict[str, Callable[[Recorder, argparse.Namespace], Any]] = {
    "changed": changed,
    "diff": diff,
    "replay": replay,
    "check": check,
}
