"""The root of the command line, into which each module puts its verbs, and what stands before a verb."""

from __future__ import annotations

from typing import Annotated

import typer

from ithtel.version import __version__

app = typer.Typer(
    name="ithtel",
    help="Read, draw and check what notebooks recorded; analyse NAV series.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
