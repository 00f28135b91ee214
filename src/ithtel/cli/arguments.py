"""Arguments that several verbs share, and what they print in the same way."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ithtel.cli.root import echo
from ithtel.cli.table import Format

if TYPE_CHECKING:
    from collections.abc import Iterable

Seed = Annotated[int, typer.Option(help="The seed of every random stream.")]
LogDir = Annotated[str, typer.Option(help="The folder of the logs.", envvar="ITHTEL_LOG_DIR")]
DateColumn = Annotated[str, typer.Option(help="The column of dates or times.")]
NavColumn = Annotated[str, typer.Option(help="The column of the NAV.")]
Theme = Annotated[str, typer.Option(help="light, dark, or auto (legible on both).")]
LogArgument = Annotated[
    str, typer.Argument(metavar="LOG", help="A log or a folder of logs; LOG@-2 is the session before the latest.")
]


class AnswerFormat(StrEnum):
    """The formats of an answer that is not a table."""

    text = "text"
    json = "json"


AnswerFormatOption = Annotated[AnswerFormat, typer.Option("--format", help="How to print the answer.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the table.")]


def report(problems: Iterable[Any]) -> None:
    """Print each problem on standard error."""
    for problem in problems:
        echo(f"ithtel: {problem}", err=True)


def recorded_in(log: Path | None, verb: str) -> str:
    """Return a line that says where something was recorded, and what to type next.

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
