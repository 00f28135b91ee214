"""The verbs of `ithtel` that test and audit: examine, audit.

Exit codes: 0 success, 2 an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ithtel.cli.arguments import DateColumn, FormatOption, LogDir, NavColumn, Seed, Theme, recorded_in, report
from ithtel.cli.root import app, echo
from ithtel.cli.table import Format, show_table

LogsArgument = Annotated[
    str,
    typer.Argument(
        metavar="LOG",
        help="A log or a folder of logs; LOG@-2 is the session before the latest, LOG@all is all of them.",
    ),
]
NavFile = Annotated[
    Path | None, typer.Argument(metavar="NAV.csv", help="CSV or Parquet, with a date and a NAV column.")
]


@app.command()
def examine(  # noqa: PLR0917 - typer makes options of them
    nav_file: NavFile = None,
    lookbacks: Annotated[str, typer.Option(help="Lengths of the windows, in bars.")] = "20,50,100,200,500",
    alpha: Annotated[float, typer.Option(help="Significance level of every test.")] = 0.05,
    seed: Seed = 42,
    out: Annotated[Path | None, typer.Option(help="The folder of the report.", show_default="artifacts/…")] = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FEATURES", help="Examine these features instead of computing them.")
    ] = None,
    regime_lookback: Annotated[int, typer.Option(help="Bars from which a regime is classified.")] = 1000,
    date: DateColumn = "Date",
    nav: NavColumn = "NAV",
    log_dir: LogDir = "logs",
) -> None:
    """Examine the features of a NAV. Every test is recorded; a report and the numbers (JSON, Parquet) are written."""
    from ithtel.commands.examine.examine_files import examine_files
    from ithtel.viewer.progress import TerminalProgress

    with TerminalProgress() as progress:
        made = examine_files(
            nav_file,
            parquet,
            lookbacks=_numbers(lookbacks),
            alpha=alpha,
            seed=seed,
            regime_lookback=regime_lookback,
            out=out,
            date=date,
            column=nav,
            log_dir=log_dir,
            progress=progress,
        )
    echo(repr(made.examination))
    for path in made.paths:
        echo(f"wrote {path}")
    if made.notice:
        echo(f"ithtel: {made.notice}", err=True)
    echo(recorded_in(made.log, "audit"))


def _numbers(text: str) -> list[int]:
    """Return the numbers of `20,50`."""
    try:
        return [int(word) for word in text.replace(",", " ").split()]
    except ValueError:
        raise typer.BadParameter(f"expected numbers of bars such as 20,50,100, got {text!r}") from None


@app.command()
def audit(
    log: LogsArgument,
    output: FormatOption = Format.table,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Draw the p-values in a .png or .svg file.")] = None,
    theme: Theme = "light",
) -> None:
    """Print the ledger of a log: every test in order, with p-values adjusted for the number of tests."""
    from ithtel.commands.log.ledger import ledger

    found = ledger(log)
    if output is Format.json:
        echo(found.json())
    elif output is Format.csv:
        show_table(found.frame(), output)
    else:
        echo(f"{found!r}\n")
        show_table(found.shown(), output)
    if out is not None:
        found.picture(theme).save(out)
        echo(f"drawn in {out}", err=output is not Format.table)
    report(found.problems)
