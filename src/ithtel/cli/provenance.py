"""The verbs of `ithtel` about the origin of values: lineage, doctor, cells.

Exit codes: 0 answered, nothing found; 1 not made by a recorded cell, a threat was found, or a cell is not current; 2 an
error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ithtel.cli.arguments import AnswerFormat, AnswerFormatOption, LogArgument, Theme, report
from ithtel.cli.root import app, echo


@app.command()
def lineage(
    log: LogArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable of the session.")],
    graph: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw it into this file.")] = None,
    theme: Theme = "light",
    output: AnswerFormatOption = AnswerFormat.text,
) -> None:
    """Show which execution made a variable, and from what: data, seed, code."""
    import msgspec

    from ithtel.commands.log.lineage import lineage
    from ithtel.reading.lines.read import read

    source = read(log)
    view = lineage(source, name, theme=theme)
    if output is AnswerFormat.json:
        echo(msgspec.json.format(msgspec.json.encode(view.lineage)).decode())
    else:
        echo(view.lineage.account())
    if graph is not None:
        echo(f"drawn in {view.save(graph)}", err=output is AnswerFormat.json)
    report(source.problems)
    raise typer.Exit(0 if view.lineage.steps else 1)


@app.command()
def doctor(
    log: LogArgument,
    git: Annotated[bool, typer.Option("--git", help="Also report what was not committed.")] = False,
    output: AnswerFormatOption = AnswerFormat.text,
) -> None:
    """Report what threatens the reproduction of a session, with a fix for each."""
    import msgspec

    from ithtel.commands.log.doctor import doctor
    from ithtel.reading.lines.read import read

    source = read(log)
    diagnosis = doctor(source, git=git)
    if output is AnswerFormat.json:
        echo(msgspec.json.format(msgspec.json.encode(diagnosis)).decode())
    else:
        echo(repr(diagnosis))
    report(source.problems)
    raise typer.Exit(1 if diagnosis.findings else 0)


@app.command()
def cells(
    log: LogArgument,
    notebook: Annotated[
        Path | None, typer.Option(metavar="FILE.ipynb", help="The notebook's file, if the log does not name it.")
    ] = None,
    output: AnswerFormatOption = AnswerFormat.text,
) -> None:
    """Show the status of each cell of a notebook: current, stale, never run, not reproducible."""
    import msgspec

    from ithtel.commands.log.cells import cells
    from ithtel.reading.lines.read import read

    source = read(log)
    found = cells(source, notebook=notebook)
    if output is AnswerFormat.json:
        echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        echo(repr(found))
    report(source.problems)
    raise typer.Exit(0 if all(cell.status == "current" for cell in found.cells) else 1)
