"""The verbs of `ithtel` about profiles: profile, profiles.

Exit codes: `profile -- COMMAND` has the program's own; otherwise 0 is success and 2 an error.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ithtel.cli.root import app, echo
from ithtel.cli.table import Format, show_table

if TYPE_CHECKING:
    from ithtel.commands.profile import Profiled


class ProfileFormat(StrEnum):
    """The formats of a profile."""

    flamegraph = "flamegraph"
    speedscope = "speedscope"
    raw = "raw"


@app.command()
def profile(  # noqa: PLR0917 - typer makes options of them
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- python script.py …", help="A Python program to run.")
    ] = None,
    pid: Annotated[int | None, typer.Option(help="A running Python process instead of a program.")] = None,
    rate: Annotated[int | None, typer.Option(metavar="HZ", help="Samples per second.", show_default="100")] = None,
    duration: Annotated[float | None, typer.Option(metavar="S", help="Seconds after which sampling ends.")] = None,
    native: Annotated[bool, typer.Option("--native", help="Include frames of C, C++, Cython and Rust.")] = False,
    gil: Annotated[bool, typer.Option("--gil", help="Only threads that hold the interpreter's lock.")] = False,
    output: Annotated[
        ProfileFormat, typer.Option("--format", help="The format of the profile.")
    ] = ProfileFormat.flamegraph,
    log_dir: Annotated[str, typer.Option(help="The folder of the logs.")] = "logs",
) -> None:
    """Sample a Python program with py-spy, print where its time went, and draw it in artifacts/profiles."""
    from ithtel.commands import profile as profiling
    from ithtel.recording.settings import from_environment

    if (pid is None) == (not command):
        raise typer.BadParameter("give either a program after -- or a process with --pid")
    settings = from_environment()
    options = profiling.options_of(settings, rate=rate, duration=duration, native=native, gil=gil)
    form = profiling.form_of(output.value)
    if not settings.profile_enabled:
        echo(f"ithtel: {profiling.OFF}", err=True)
        raise typer.Exit(profiling.run_unprofiled(command) if command else 2)
    if pid is not None:
        _show(profiling.profile_process(pid, options, form=form, log_dir=log_dir))
        return
    done = profiling.profile_command(command or [], options, form=form, log_dir=log_dir)
    _show(done)
    raise typer.Exit(done.exit_code)


@app.command()
def profiles(
    reindex: Annotated[bool, typer.Option("--reindex", help="Rebuild the index from the files.")] = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the table.")] = Format.table,
) -> None:
    """Print the profiles in artifacts/profiles, one per line."""
    from ithtel.commands import profile as profiling

    show_table(profiling.list_profiles(is_new=reindex), output)


def _show(done: Profiled) -> None:
    """Print to standard error: standard output belongs to the program."""
    echo(repr(done.profile), err=True)
    if done.path is not None:
        echo(f"drawn in {done.path}" if done.path.suffix == ".svg" else f"written to {done.path}", err=True)
