"""`show_table`: tables of the command line, for a person or in full precision for a program."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from ithtel.cli.root import echo

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 1_000
"""The width of a table that goes into a file or a pipe, where nothing must be folded."""


class Format(StrEnum):
    """The formats of a table."""

    table = "table"
    json = "json"
    csv = "csv"


def show_table(frame: pd.DataFrame, output: Format, title: str | None = None) -> None:
    """Print a table: for a person, or in full precision as JSON or CSV."""
    from ithtel.viewer.tables import as_json

    if output is Format.json:
        echo(as_json(frame))
    elif output is Format.csv:
        echo(_without_formulas(frame).to_csv(index=False), nl=False)
    else:
        _print_rich(frame, title)


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text is a formula to a spreadsheet: a quote is put before `=`, `+`, `-`, `@`."""

    def plain(value: object) -> object:
        return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

    return frame.map(plain)


def _print_rich(frame: pd.DataFrame, title: str | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from ithtel.plain_text import cell, visible

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False)
    for name in frame.columns:
        is_number = frame[name].dtype.kind in "iuf"
        table.add_column(visible(str(name)), justify="right" if is_number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(visible(cell(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else WIDEST, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    typer.echo(captured.get(), nl=False)  # printed like everything else: rich handles a broken pipe in its own way
