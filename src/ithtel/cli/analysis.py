"""The verbs of the analysis: demo, analyze, attribute."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ithtel.cli.arguments import (
    DateColumn,
    FormatOption,
    LogArgument,
    LogDir,
    NavColumn,
    Seed,
    Theme,
    recorded_in,
    report,
)
from ithtel.cli.root import app, echo
from ithtel.cli.table import Format, show_table

if TYPE_CHECKING:
    import pandas as pd

    from ithtel.commands.analyze_files import Batch
    from ithtel.commands.ith.analyze import Analysis


class Side(StrEnum):
    """The sides of the market."""

    bull = "bull"
    bear = "bear"
    both = "both"


@app.command()
def demo(
    seed: Seed = 42,
    log_dir: LogDir = "logs",
    artifacts: Annotated[str, typer.Option(help="The folder of the picture.")] = "artifacts",
) -> None:
    """Analyse real daily closes with recording on, and draw the timeline."""
    from ithtel.commands.demo import demo

    made = demo(seed=seed, log_dir=log_dir, artifacts=artifacts)
    _show_analysis(made.analysis)
    if made.notice:
        echo(f"ithtel: {made.notice}", err=True)
    echo(recorded_in(made.log, "events"))
    echo(f"drawn in {made.picture}")


@app.command()
def analyze(  # noqa: PLR0917 - typer makes options of them
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="NAV.csv…", help="CSV or Parquet with a date and a NAV column, or folders of them."),
    ] = None,
    synthetic: Annotated[
        int | None, typer.Option(metavar="N", help="Analyse N synthetic bars instead of a file.")
    ] = None,
    side: Annotated[Side, typer.Option(help="The side of the market.")] = Side.both,
    hurdle: Annotated[str, typer.Option(help="mdd, geomean, expanding, rolling:250, or a ratio such as 0.05.")] = "mdd",
    periods_per_year: Annotated[float | None, typer.Option(help="Bars per year, for the Sharpe ratio.")] = None,
    date: DateColumn = "Date",
    nav: NavColumn = "NAV",
    returns: Annotated[
        str | None, typer.Option(help="A column of returns instead of a NAV: 0.01 is one percent.")
    ] = None,
    prices: Annotated[str | None, typer.Option(help="A column of prices instead of a NAV.")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Record the state of the algorithm at every bar.")] = False,
    seed: Seed = 42,
    log_dir: LogDir = "logs",
    output: FormatOption = Format.table,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print the epochs too.")] = False,
) -> None:
    """Find the epochs of NAV series and measure their fitness; each side is recorded in its own log."""
    from ithtel.commands.analyze_files import Columns, analyze_files
    from ithtel.viewer.progress import TerminalProgress

    sources = [*(files or [])]
    if (synthetic is None) == (not sources):
        raise typer.BadParameter("give either files or --synthetic N")
    with TerminalProgress() as progress:
        found = analyze_files(
            sources,
            synthetic=synthetic,
            side=side.value,
            hurdle=hurdle,
            periods_per_year=periods_per_year,
            columns=Columns(date=date, nav=nav, returns=returns, prices=prices),
            seed=seed,
            log_dir=log_dir,
            trace=trace,
            progress=progress,
            finished=progress.finished,
        )
    if found.analyses or not found.is_interrupted:
        _show_batch(found, output, verbose=verbose)
    if found.is_interrupted:
        raise typer.Exit(130)
    if found.problems:
        raise typer.Exit(2)


@app.command()
def attribute(
    log: LogArgument,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Draw a waterfall into a .png or .svg file.")] = None,
    theme: Theme = "light",
    output: FormatOption = Format.table,
) -> None:
    """Print which epoch a profit came from, using the log alone, or draw it."""
    from ithtel.commands.log.attribute import list_parts, waterfall
    from ithtel.viewer.tables import shortened_parts

    if out is not None:
        waterfall(log, theme=theme).save(out)
        echo(f"drawn in {out}")
        return
    listing = list_parts(log)
    show_table(shortened_parts(listing.frame) if output is Format.table else listing.frame, output)
    report(listing.problems)


def _show_batch(found: Batch, output: Format, *, verbose: bool) -> None:
    from ithtel.viewer.tables import shortened

    _show_fitness(found.summary(), output)
    if verbose:
        show_table(shortened(found.epochs()) if output is Format.table else found.epochs(), output, title="Epochs")
    for line in (*found.problems, *found.notices):
        echo(f"ithtel: {line}", err=True)


def _show_analysis(analysis: Analysis) -> None:
    from ithtel.commands.ith.result import reasons, title
    from ithtel.viewer.tables import shortened

    echo(title(analysis))
    show_table(shortened(analysis.epochs), Format.table, title="Epochs")
    _show_fitness(analysis.summary().reset_index(), Format.table)
    for side in analysis.sides:
        if why := reasons(side):
            echo(f"{side.side} is not qualified: {why}")


def _show_fitness(frame: pd.DataFrame, output: Format) -> None:
    show_table(frame, output, title="Fitness")
