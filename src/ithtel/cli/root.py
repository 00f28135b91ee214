"""`app`: the root of the command line, to which each module adds its verbs, and the options before a verb."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ithtel.plain_text import visible
from ithtel.version import __version__

_NOBODY_READS = 128 + 13
"""The exit code of a process that SIGPIPE ended: neither a verdict nor an error."""


class Root(TyperGroup):
    """The group of verbs. typer would exit with 1, a negative verdict, when the reader of the output closes it."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer has a click of its own, without public types
        """Run a verb; end silently when its output is closed, as by `| head`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            drop_output()
            raise typer.Exit(_NOBODY_READS) from None


def drop_output() -> None:
    """Discard output that is still to be written: Python would report an error when it exits."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)


app = typer.Typer(
    cls=Root,
    name="ithtel",
    help="Read, draw and check what notebooks recorded; analyse NAV series.",
    no_args_is_help=True,
    add_completion=True,
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
    """Handle the options before a verb."""


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text, some of which may come from a log: a terminal must not obey what somebody else wrote."""
    typer.echo(visible(str(text)), err=err, nl=nl)
