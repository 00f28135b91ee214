"""The command line itself: its verbs, its errors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ithtel.cli import analysis, logs, profiling, provenance, replay, statistics  # noqa: F401 - their verbs
from ithtel.cli.root import app
from ithtel.errors import IthtelError


def main() -> NoReturn:
    """Run the command line; what ithtel has to complain about is one line on standard error, and exit code 2."""
    try:
        app(standalone_mode=True)
    except IthtelError as error:
        typer.echo(f"ithtel: {error}", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:  # the reader of our output, such as `head`, has enough
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(0)


@app.command()
def schemas(
    write: Annotated[
        bool, typer.Option("--write", help="Write the schemas, the events page and the settings page.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the written ones differ.")] = False,
    root: Annotated[Path, typer.Option(help="The folder that holds schemas/ and docs/.")] = Path(),
) -> None:
    """Print the JSON Schemas of the events; write them, or compare them with those that are written."""
    from ithtel.commands import reference
    from ithtel.events import published

    if write:
        typer.echo(f"wrote {reference.write(root)} files")
    elif check:
        stale = reference.stale(root)
        for path in stale:
            typer.echo(f"{path} differs: run ithtel schemas --write")
        raise typer.Exit(1 if stale else 0)
    else:
        typer.echo(published.everything())
