"""`%%flamegraph`: the running cell is sampled from here to its end, and the profile is drawn below it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ithtel.errors import RecordingError
from ithtel.notebook.observers.outside.file_tap import file_tap
from ithtel.recording.settings import from_environment

if TYPE_CHECKING:
    import argparse

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.recorder import Recorder
    from ithtel.profiling.profile import Profile
    from ithtel.profiling.profiler import Profiler
    from ithtel.recording.settings import Settings


class Flamegraph:
    """Profiles one cell at a time, from the magic to the end of the cell, however it ends."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._profiler: Profiler | None = None
        self._profile: Profile | None = None
        self._options: argparse.Namespace
        self._thread = 0
        self._depth = 0

    @property
    def shell(self) -> InteractiveShell:
        """The shell whose cells are sampled."""
        return self.recorder.shell

    def begin(self, options: argparse.Namespace) -> str | None:
        """Take samples from here to the end of the cell; return the reason if profiling is off.

        Raises:
            RecordingError: The cell is being profiled already.
            InputError: There is no such format.
            SettingError: The rate is out of range.
        """
        from ithtel.commands import profile as profiling
        from ithtel.profiling.profiler import Profiler

        settings = self._settings()
        profiling.form_of(options.format)
        chosen = profiling.options_of(settings, rate=options.rate, native=options.native, gil=options.gil)
        if not settings.profile_enabled:
            return profiling.OFF
        if self._profiler is not None:
            raise RecordingError("this cell is being profiled already")
        self._options, self._thread, self._depth = options, threading.get_ident(), 0
        self._profiler = Profiler(chosen)
        self.shell.events.register("pre_execute", self._enter)
        self.shell.events.register("post_execute", self._leave)
        try:
            self._profiler.start()
        except BaseException:
            self._forget()
            raise
        return None

    def _settings(self) -> Settings:
        session = self.recorder.session
        return from_environment(base=self.recorder.config.settings()) if session is None else session.settings

    def _enter(self) -> None:
        """Count the cells that run inside the cell."""
        self._depth += threading.get_ident() == self._thread

    def _leave(self) -> None:
        """Finish with the cell; a cell in another thread does not count."""
        if threading.get_ident() != self._thread:
            return
        if self._depth:
            self._depth -= 1
            return
        profiler = self._forget()
        if profiler is not None:
            self.recorder.hooks.safely(self._finish, profiler)

    def _forget(self) -> Profiler | None:
        profiler, self._profiler = self._profiler, None
        if profiler is not None:
            self.shell.events.unregister("pre_execute", self._enter)
            self.shell.events.unregister("post_execute", self._leave)
        return profiler

    def _finish(self, profiler: Profiler) -> None:
        """Record the profile with the cell. It is shown after the cell was recorded: no two profiles are alike."""
        from ithtel.commands import profile as profiling

        thread = threading.get_ident()
        file_tap.deaf.add(thread)
        try:
            run = self.recorder.hooks.cells.current
            target = "cell" if run is None or run.cell.execution_count is None else f"cell {run.cell.execution_count}"
            self._profile = profiling.profile_of(profiler.stop(), target, self._cells())
            form = profiling.form_of(self._options.format)
            profiling.keep(self._profile, command=f"%%flamegraph, {target}", form=form)
        finally:
            file_tap.deaf.discard(thread)
        self.shell.events.register("post_run_cell", self._show)

    def _show(self, _result: Any) -> None:  # noqa: ANN401 - IPython's result
        from IPython.display import display

        self.shell.events.unregister("post_run_cell", self._show)
        profile, self._profile = self._profile, None
        if profile is not None:
            display(profile)

    def _cells(self) -> dict[str, str]:
        """Return the file names that cells were compiled under, each with its label."""
        numbers: dict[str, int] = getattr(self.shell.compile, "_filename_map", {})
        return {file: f"In[{number}]" for file, number in numbers.items()}
