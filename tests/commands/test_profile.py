"""Profiling from a front end: options, formats, and a profile that is stored and recorded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import ithtel
from ithtel.commands.profile import form_of, keep, list_profiles, options_of, profile_of, run_unprofiled
from ithtel.errors import InputError, MissingFileError, SettingError
from ithtel.profiling.frames import RawFrame
from ithtel.profiling.profiler import Samples
from ithtel.profiling.pyspy import Options
from ithtel.profiling.stacks import RawStacks
from ithtel.recording.settings import Settings


def samples(n: int) -> Samples:
    """Return `n` samples of one function."""
    raw = RawStacks({(RawFrame("burn", "/work/hot.py", 6),): n})
    return Samples(raw=raw, options=Options(), sampler="py-spy", reason=None, duration_s=1.0)


def test_options_are_as_given_else_as_set() -> None:
    """Out of range they are refused."""
    settings = Settings(profile_rate=50)
    assert (50, 200) == (options_of(settings).rate_hz, options_of(settings, rate=200).rate_hz)
    with pytest.raises(SettingError):
        options_of(settings, rate=0)


def test_formats_are_named() -> None:
    """A flamegraph by default."""
    assert ["flamegraph", "raw"] == [form_of(None), form_of("raw")]
    with pytest.raises(InputError, match=r"^no format 'pdf' \(choose from flamegraph, speedscope, raw\)$"):
        form_of("pdf")


def test_a_kept_profile_is_recorded_and_listed() -> None:
    """With its command and number of samples."""
    with ithtel.start("demo") as session:
        path = keep(profile_of(samples(20), "hot.py"), command="python hot.py", form="raw")
    assert path is not None
    (row,) = list_profiles().to_dict("records")
    assert (path.name, "python hot.py", 20) == (row["file"], row["command"], row["n_samples"])
    event = next(record for record in ithtel.read(session.path or "") if record.event_type == "profile.recorded")
    assert path.as_posix() == event.context["path"]


def test_without_samples_nothing_is_kept() -> None:
    """No file and no folder."""
    assert keep(profile_of(samples(0), "hot.py"), command="", form="raw") is None
    assert not Path("artifacts").exists()
    assert 0 == len(list_profiles())


def test_a_program_runs_without_sampling() -> None:
    """With its own exit code; a missing one is named."""
    assert 3 == run_unprofiled([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(MissingFileError, match=r"^no program 'no-such-program'$"):
        run_unprofiled(["no-such-program"])
