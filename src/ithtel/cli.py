"""`ithtel …`: arguments, exit codes, printing. Each verb calls one command.

Exit codes: 0 fine, 1 a negative verdict, 2 an error.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ithtel import cli_profile, cli_readers, cli_replay, cli_statistics
from ithtel.cli_table import Format, show_table
from ithtel.errors import IthtelError
from ithtel.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ithtel.commands.analysis import Analysis

app = typer.Typer(
    name="ithtel",
    help="Read, draw and check what notebooks recorded; analyse NAV series.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli_profile.add_to(app)
cli_readers.add_to(app)
cli_replay.add_to(app)
cli_statistics.add_to(app)


class Side(StrEnum):
    """Which side of the market."""

    bull = "bull"
    bear = "bear"
    both = "both"


Seed = Annotated[int, typer.Option(help="Seed of every random stream.")]
LogDir = Annotated[str, typer.Option(help="Folder of the logs.")]
LogArgument = Annotated[
    str, typer.Argument(metavar="LOG", help="A log, a folder of logs, or LOG@-2: the session before the latest.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the table.")]


def main() -> NoReturn:
    """Run the command line; what ithtel has to complain about is one line on standard error, and exit code 2."""
    try:
        app(standalone_mode=True)
    except IthtelError as error:
        typer.echo(f"ithtel: {error}", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:  # the reader of our output, such as `head`, has enough
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(0)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"ithtel {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(wanted=value), is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a verb."""


@app.command()
def demo(
    seed: Seed = 42,
    log_dir: LogDir = "logs",
    artifacts: Annotated[str, typer.Option(help="Folder of the picture.")] = "artifacts",
) -> None:
    """Analyse real daily closes with recording on, and draw the timeline of it."""
    from ithtel import commands

    made = commands.demo(seed=seed, log_dir=log_dir, artifacts=artifacts)
    _show_analysis(made.analysis)
    if made.notice:
        typer.echo(f"ithtel: {made.notice}", err=True)
    typer.echo(f"recorded in {made.log or 'memory'} (try: ithtel events {made.log or ''})")
    typer.echo(f"drawn in {made.picture}")


@app.command()
def analyze(  # noqa: PLR0917 - typer makes options of them
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="NAV.csv…", help="CSV or Parquet with a date and a NAV column, or folders of them."),
    ] = None,
    synthetic: Annotated[
        int | None, typer.Option(metavar="N", help="Analyse N synthetic bars instead of a file.")
    ] = None,
    side: Annotated[Side, typer.Option(help="Which side of the market.")] = Side.both,
    hurdle: Annotated[str, typer.Option(help="mdd, geomean, expanding, rolling:250, or a ratio such as 0.05.")] = "mdd",
    periods_per_year: Annotated[float | None, typer.Option(help="Bars a year, for the Sharpe ratio.")] = None,
    date: Annotated[str, typer.Option(help="The column of the times.")] = "Date",
    nav: Annotated[str, typer.Option(help="The column of the NAV.")] = "NAV",
    returns: Annotated[str | None, typer.Option(help="Instead, the column of returns, 0.01 for one percent.")] = None,
    prices: Annotated[str | None, typer.Option(help="Instead, the column of prices.")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Record the machine at every bar.")] = False,
    seed: Seed = 42,
    log_dir: LogDir = "logs",
    output: FormatOption = Format.table,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print the epochs too.")] = False,
) -> None:
    """Find the epochs of NAV series and measure their fitness; each side is recorded in a log of its own."""
    from ithtel import commands
    from ithtel.commands.batch import Columns
    from ithtel.commands.shown import shortened

    sources = [*(files or [])]
    if (synthetic is None) == (not sources):
        raise typer.BadParameter("name one or more files, or --synthetic N, and not both")
    found = commands.analyze_files(
        sources,
        synthetic=synthetic,
        side=side.value,
        hurdle=hurdle,
        periods_per_year=periods_per_year,
        columns=Columns(date=date, nav=nav, returns=returns, prices=prices),
        seed=seed,
        log_dir=log_dir,
        trace=trace,
    )
    _show_fitness(found.summary(), output)
    if verbose:
        show_table(shortened(found.epochs()) if output is Format.table else found.epochs(), output, title="Epochs")
    for problem in found.problems:
        typer.echo(f"ithtel: {problem}", err=True)
    for line in found.notices:
        typer.echo(f"ithtel: {line}", err=True)
    if found.problems:
        raise typer.Exit(2)


@app.command()
def events(
    log: LogArgument,
    kind: Annotated[str | None, typer.Option("--type", help="Events of this type only.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Count by type, component and session.")] = False,
    output: FormatOption = Format.table,
) -> None:
    """Print what a log holds, a line an event."""
    from ithtel import commands

    listing = commands.list_events(log, kind=kind, summary=summary)
    show_table(listing.frame, output)
    _report(listing.problems)


@app.command()
def epochs(log: LogArgument, output: FormatOption = Format.table) -> None:
    """Print the epochs that a log holds; all their fields as JSON or CSV."""
    from ithtel import commands
    from ithtel.commands.shown import shortened

    listing = commands.list_epochs(log)
    show_table(shortened(listing.frame) if output is Format.table else listing.frame, output)
    _report(listing.problems)


@app.command()
def attribute(
    log: LogArgument,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Draw a waterfall into a .png or .svg file.")] = None,
    theme: Annotated[str, typer.Option(help="light, dark, or auto: legible on both.")] = "light",
    output: FormatOption = Format.table,
) -> None:
    """Print which epoch a profit came from, out of the log alone; or draw it."""
    from ithtel import commands
    from ithtel.commands.shown import shortened_parts

    if out is not None:
        commands.waterfall(log, theme=theme).save(out)
        typer.echo(f"drawn in {out}")
        return
    listing = commands.list_parts(log)
    show_table(shortened_parts(listing.frame) if output is Format.table else listing.frame, output)
    _report(listing.problems)


@app.command()
def timeline(
    log: LogArgument,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A .png or .svg file.")] = None,
    theme: Annotated[str, typer.Option(help="light, dark, or auto: legible on both.")] = "light",
) -> None:
    """Draw a log: its series with the epochs, its cells, seeds and data; as text without -o."""
    from ithtel import commands

    picture = commands.timeline(log, theme=theme)
    if out is None:
        typer.echo(repr(picture))
        return
    picture.save(out)
    typer.echo(f"drawn in {out}")


@app.command()
def verify(
    log: LogArgument,
    expect: Annotated[
        str | None, typer.Option(help="A digest kept elsewhere: the log must be the one that had it.")
    ] = None,
) -> None:
    """Say whether a log is as it was written: intact, ended without close (a crash), or which line was changed."""
    from ithtel.commands.verifying import verify as verified

    verdict = verified(log, expect)
    for line in verdict.lines():
        typer.echo(line)
    raise typer.Exit(0 if verdict.is_good else 1)


@app.command()
def validate(log: LogArgument) -> None:
    """Check each line of a log against the schemas."""
    from ithtel.commands.verifying import validate as validated

    found = validated(log)
    _report(found.problems)
    newer = f", {found.n_unknown} of them events of a newer version" if found.n_unknown else ""
    typer.echo(f"{found.n_lines} lines{newer}, {len(found.problems)} problems")
    raise typer.Exit(1 if found.problems else 0)


@app.command()
def tail(
    log: LogArgument,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as lines are added, across rotation.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", help="How many lines to begin with.")] = 10,
) -> None:
    """Print the end of a log, a line an event."""
    from ithtel.commands.tailing import tail as tailed

    has_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    try:
        for line in tailed(log, lines, is_endless=follow, has_colour=has_colour):
            typer.echo(line)
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit from None


@app.command()
def schemas(
    write: Annotated[
        bool, typer.Option("--write", help="Write the schemas, the events page and the settings page.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the written ones differ.")] = False,
    root: Annotated[Path, typer.Option(help="The folder that holds schemas/ and docs/.")] = Path(),
) -> None:
    """Print the JSON Schemas of the events; write them, or compare them with those that are written."""
    from ithtel.commands import reference
    from ithtel.events import published

    if write:
        typer.echo(f"wrote {reference.write(root)} files")
    elif check:
        stale = reference.stale(root)
        for path in stale:
            typer.echo(f"{path} differs: run ithtel schemas --write")
        raise typer.Exit(1 if stale else 0)
    else:
        typer.echo(published.everything())


def _report(problems: Iterable[Any]) -> None:
    for problem in problems:
        typer.echo(f"ithtel: {problem}", err=True)


def _show_analysis(analysis: Analysis) -> None:
    from ithtel.commands import shown

    typer.echo(shown.title(analysis))
    show_table(shown.epochs_shown(analysis), Format.table, title="Epochs")
    _show_fitness(analysis.summary().reset_index(), Format.table)
    for side in analysis.sides:
        if why := shown.reasons(side):
            typer.echo(f"{side.side} is not qualified: {why}")


def _show_fitness(frame: pd.DataFrame, output: Format) -> None:
    show_table(frame, output, title="Fitness")
