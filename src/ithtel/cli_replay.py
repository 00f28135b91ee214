"""The verbs of `ithtel` that compare and run again: diff.

Exit codes: 0 identical, 1 departs, 2 cannot.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ithtel.reading.departure import Difference


class VerdictFormat(StrEnum):
    """How to print a verdict."""

    text = "text"
    json = "json"
    html = "html"


Log = Annotated[str, typer.Argument(metavar="LOG", help="A log, or LOG@-2: the session before the latest.")]
Rtol = Annotated[float | None, typer.Option(help="Relative tolerance of numbers.")]
Atol = Annotated[float | None, typer.Option(help="Absolute tolerance of numbers.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Write the verdict to this .txt, .json or .html file.")]
FormatOption = Annotated[VerdictFormat, typer.Option("--format", help="How to print the verdict.")]


def add_to(app: typer.Typer) -> None:
    """Put these verbs into the command line."""
    for verb in (diff,):
        app.command()(verb)


def diff(  # noqa: PLR0917 - typer makes options of them
    log_a: Annotated[str, typer.Argument(metavar="LOG_A", help="A log, or LOG@-2: the session before the latest.")],
    log_b: Annotated[str | None, typer.Argument(metavar="[LOG_B]", help="Unless given: the last two of LOG_A.")] = None,
    rtol: Rtol = None,
    atol: Atol = None,
    out: Out = None,
    output: FormatOption = VerdictFormat.text,
) -> None:
    """Compare two sessions: what is the same, the first departure, its cause, and what follows from it."""
    from ithtel import commands

    difference = commands.diff(log_a, log_b, rtol, atol)
    show(difference, output, out)
    raise typer.Exit(0 if difference.is_identical else 1)


def show(difference: Difference, output: VerdictFormat, out: Path | None) -> None:
    """Print a verdict, or write it to a file whose suffix says how."""
    if out is None:
        typer.echo(rendered(difference, output))
        return
    suffixes = {".json": VerdictFormat.json, ".html": VerdictFormat.html, ".htm": VerdictFormat.html}
    out.write_text(rendered(difference, suffixes.get(out.suffix.lower(), VerdictFormat.text)) + "\n", encoding="utf-8")
    typer.echo(f"written to {out}")


def rendered(difference: Difference, output: VerdictFormat) -> str:
    """Return a verdict in one of its forms."""
    if output is VerdictFormat.json:
        return difference.json().decode()
    if output is VerdictFormat.html:
        from ithtel.viewer.verdict import page

        return page(difference)
    return difference.text()
