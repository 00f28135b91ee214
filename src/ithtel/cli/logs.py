"""The verbs that read logs: events, epochs, timeline, verify, validate, tail, lnav-format."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ithtel.cli.arguments import FormatOption, LogArgument, Theme, report
from ithtel.cli.root import app, echo
from ithtel.cli.table import Format, show_table


@app.command()
def events(
    log: LogArgument,
    kind: Annotated[str | None, typer.Option("--type", help="Only events of this type.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Count by type, component and session.")] = False,
    output: FormatOption = Format.table,
) -> None:
    """Print the events of a log, one per line."""
    from ithtel.commands.log.listing import list_events

    listing = list_events(log, kind=kind, summary=summary)
    show_table(listing.frame, output)
    report(listing.problems)


@app.command()
def epochs(log: LogArgument, output: FormatOption = Format.table) -> None:
    """Print the epochs in a log; JSON and CSV have all their fields."""
    from ithtel.commands.log.listing import list_epochs
    from ithtel.viewer.tables import shortened

    listing = list_epochs(log)
    show_table(shortened(listing.frame) if output is Format.table else listing.frame, output)
    report(listing.problems)


@app.command()
def timeline(
    log: LogArgument,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A .png or .svg file.")] = None,
    theme: Theme = "light",
) -> None:
    """Draw a log: its series with epochs, its cells, seeds and data. Without -o, print it as text."""
    from ithtel.commands.log.timeline import timeline
    from ithtel.reading.lines.read import read

    source = read(log)
    picture = timeline(source, theme=theme)
    if out is None:
        echo(repr(picture))
    else:
        picture.save(out)
        echo(f"drawn in {out}")
    report(source.problems)


@app.command()
def verify(
    log: LogArgument,
    expect: Annotated[str | None, typer.Option(help="A digest kept elsewhere that the log must match.")] = None,
) -> None:
    """Check that a log is as it was written: intact, ended without close (a crash), or changed, and in which line."""
    from ithtel.commands.log.verify import verify as verified

    verdict = verified(log, expect)
    for line in verdict.lines():
        echo(line)
    raise typer.Exit(0 if verdict.is_good else 1)


@app.command()
def validate(log: LogArgument) -> None:
    """Check each line of a log against the schemas."""
    from ithtel.commands.log.verify import validate as validated
    from ithtel.plain_text import count

    found = validated(log)
    report(found.problems)
    newer = f", {found.n_unknown} of them events of a newer version" if found.n_unknown else ""
    echo(f"{count(found.n_lines, 'line')}{newer}, {count(len(found.problems), 'problem')}")
    raise typer.Exit(1 if found.problems else 0)


@app.command()
def tail(
    log: Annotated[str, typer.Argument(metavar="LOG", help="A log, or a folder: the log written to last.")],
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Continue as lines are added, across rotation.")
    ] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", help="How many lines to print first.")] = 10,
) -> None:
    """Print the end of a log, one event per line."""
    from ithtel.commands.log.tail import tail as tailed

    has_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    try:
        for line in tailed(log, lines, is_endless=follow, has_colour=has_colour):
            typer.echo(line)
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit from None


@app.command("lnav-format")
def lnav_format() -> None:
    """Print the format file of lnav: `ithtel lnav-format > ithtel.json && lnav -i ithtel.json`."""
    from ithtel.commands.log.lnav import lnav_format

    echo(lnav_format(), nl=False)
