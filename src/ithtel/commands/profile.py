"""`profile_command`, `profile_process`, `list_profiles`: sample a program or process, store and record the profile."""

from __future__ import annotations

import contextlib
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.errors import InputError, MissingFileError
from ithtel.events import ProfileRecorded
from ithtel.profiling import program, store
from ithtel.profiling.frames import Places
from ithtel.profiling.profile import Profile
from ithtel.profiling.profiler import Profiler, Samples
from ithtel.profiling.pyspy import Options
from ithtel.profiling.stacks import Stacks
from ithtel.profiling.store import FOLDER, Entry, Format, Origin
from ithtel.provenance import git
from ithtel.recording.process import current, start
from ithtel.recording.recorded import emit
from ithtel.recording.secrets.redaction import Redactor
from ithtel.recording.settings import from_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ithtel.recording.session import Session
    from ithtel.recording.settings import Settings

COMPONENT = "profile"
SESSION = "profile"
OFF = "not profiled: the setting profile_enabled is off"


@dataclass(frozen=True, kw_only=True)
class Profiled:
    """The result of profiling a program or a process."""

    profile: Profile
    path: Path | None
    """The file, None if not one sample was taken."""
    exit_code: int = 0
    """The exit code of the program."""


def options_of(
    settings: Settings,
    *,
    rate: int | None = None,
    duration: float | None = None,
    native: bool = False,
    gil: bool = False,
) -> Options:
    """Return how to sample: as given, else as set.

    Raises:
        SettingError: The rate or the duration is out of range.
    """
    if rate is not None:
        settings = settings.replaced(profile_rate=rate)
    if duration is not None:
        settings = settings.replaced(profile_duration=duration)
    return Options(rate_hz=settings.profile_rate, duration_s=settings.profile_duration, native=native, gil=gil)


def form_of(name: str | None) -> Format:
    """Return the format of that name, `flamegraph` if None.

    Raises:
        InputError: There is no such format.
    """
    for form in store.SUFFIXES:
        if name in (form, None):
            return form
    raise InputError(f"no format {name!r} (choose from {', '.join(store.SUFFIXES)})")


def profile_of(samples: Samples, target: str, cells: Mapping[str, str] | None = None) -> Profile:
    """Return the profile of `target` from its samples, without machinery and idle threads."""
    places = Places(cells=cells or {}, cwd=str(Path.cwd()))
    return Profile(
        stacks=Stacks.fold(samples.raw, places), target=target, rate_hz=samples.options.rate_hz,
        duration_s=samples.duration_s, sampler=samples.sampler, reason=samples.reason,
    )  # fmt: skip


def keep(profile: Profile, *, command: str, form: Format, folder: Path = FOLDER) -> Path | None:
    """Write a profile to `folder`, record it, and return its file; None if not one sample was taken."""
    if not profile.n_samples:
        return None
    session = current()
    head = git.git_head(Path.cwd())
    origin = Origin(
        command=command,
        package=_package(session),
        session_id=None if session is None else session.session_id,
        git_sha=head.sha[:8] if head is not None and head.sha else None,
    )
    path = store.save(profile, origin, form=form, folder=folder)
    event = ProfileRecorded(
        path=path.as_posix(), format=form, rate_hz=profile.rate_hz, duration_s=profile.duration_s,
        n_samples=profile.n_samples, target=profile.target, sampler=profile.sampler, reason=profile.reason,
    )  # fmt: skip
    emit(event, component=COMPONENT)
    return path


def profile_command(
    command: Sequence[str], options: Options, *, form: Format = "flamegraph", log_dir: str = "logs"
) -> Profiled:
    """Run a Python program to its end, sample it by py-spy or from within, and store the profile.

    Args:
        command: The program and its arguments; its output is not captured.
        options: How to sample.
        form: The file format.
        log_dir: Folder of the log in which the profile is recorded.

    Raises:
        MissingFileError: There is no such program.
        AttachError: It could not be sampled; it has run nevertheless.
    """
    _require(command)
    shown = Redactor().text(shlex.join(command))
    with start(SESSION, log_dir=log_dir):
        ran = program.run(command, options)
        profile = profile_of(ran.samples, shown)
        return Profiled(profile=profile, path=keep(profile, command=shown, form=form), exit_code=ran.exit_code)


def run_unprofiled(command: Sequence[str]) -> int:
    """Run a program as `profile_command` does but without sampling, and return its exit code.

    Raises:
        MissingFileError: There is no such program.
    """
    _require(command)
    return program.run_plainly(command)


def profile_process(pid: int, options: Options, *, form: Format = "flamegraph", log_dir: str = "logs") -> Profiled:
    """Sample a running Python process until it ends, the duration is over, or Ctrl-C; store the profile.

    Raises:
        AttachError: There is no such process, it is not Python, or py-spy may not attach.
    """
    with start(SESSION, log_dir=log_dir):
        profiler = Profiler(options, pid=pid)
        profiler.start()
        with contextlib.suppress(KeyboardInterrupt):
            profiler.wait()
        profile = profile_of(profiler.stop(), f"process {pid}")
        return Profiled(profile=profile, path=keep(profile, command=f"--pid {pid}", form=form))


def list_profiles(*, is_new: bool = False, folder: Path = FOLDER) -> pd.DataFrame:
    """Return the index as a table, oldest first.

    Args:
        is_new: Whether to rebuild the index from the files first.
        folder: The folder of the profiles.

    Raises:
        LogError: The index is damaged.
    """
    found = store.reindex(folder) if is_new else store.entries(folder)
    return pd.DataFrame(
        [{name: getattr(entry, name) for name in Entry.__struct_fields__} for entry in found],
        columns=list(Entry.__struct_fields__),
    )


def _require(command: Sequence[str]) -> None:
    if shutil.which(command[0]) is None:
        raise MissingFileError(f"no program {command[0]!r}")


def _package(session: Session | None) -> str:
    return (from_environment() if session is None else session.settings).package
