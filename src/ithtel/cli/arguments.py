"""Arguments that several verbs take, and what they print alike."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ithtel.cli.table import Format

if TYPE_CHECKING:
    from collections.abc import Iterable

Seed = Annotated[int, typer.Option(help="Seed of every random stream.")]
LogDir = Annotated[str, typer.Option(help="Folder of the logs.", envvar="ITHTEL_LOG_DIR")]
LogArgument = Annotated[
    str, typer.Argument(metavar="LOG", help="A log, a folder of logs, or LOG@-2: the session before the latest.")
]


class AnswerFormat(StrEnum):
    """How to print an answer that is no table."""

    text = "text"
    json = "json"


AnswerFormatOption = Annotated[AnswerFormat, typer.Option("--format", help="How to print the answer.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the table.")]


def report(problems: Iterable[Any]) -> None:
    """Print each problem on standard error."""
    for problem in problems:
        typer.echo(f"ithtel: {problem}", err=True)


def recorded_in(log: Path | None, verb: str) -> str:
    """Say where it was recorded, from the working directory where it lies in it, and what to type next.

    >>> recorded_in(Path("logs/ndjson/demo.jsonl"), "events")
    'recorded in logs/ndjson/demo.jsonl (try: ithtel events logs/ndjson/demo.jsonl)'
    >>> recorded_in(None, "events")
    'recorded in memory'
    """
    if log is None:
        return "recorded in memory"
    here = Path.cwd()
    path = log.relative_to(here) if log.is_relative_to(here) else log
    return f"recorded in {path} (try: ithtel {verb} {shlex.quote(str(path))})"
