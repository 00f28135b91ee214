"""`main`: the command line with all its verbs, and how its errors are shown."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ithtel.cli import analysis, kernel, logs, profiling, provenance, replay, statistics  # noqa: F401 - their verbs
from ithtel.cli.root import app, drop_output, echo
from ithtel.errors import IthtelError


def main() -> NoReturn:
    """Run the command line. An error of ithtel is one line on standard error, with exit code 2."""
    _prepare_output()
    try:
        app(standalone_mode=True)
    except IthtelError as error:
        echo(f"ithtel: {error}", err=True)
        raise SystemExit(2) from None
    except OSError as error:
        if error.filename is None:  # it was the output
            drop_output()
        file = f"{os.fspath(error.filename)!r}: " if error.filename is not None else ""
        echo(f"ithtel: {file}{error.strerror or error}", err=True)
        raise SystemExit(2) from None
    raise SystemExit(0)


def _prepare_output() -> None:
    """Make output accept any text: if it is closed, drop it; characters that its encoding lacks are escaped."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@app.command()
def schemas(
    write: Annotated[
        bool, typer.Option("--write", help="Write the schemas and the pages of events, settings and public names.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if the written ones differ.")] = False,
    root: Annotated[Path, typer.Option(help="The folder that holds schemas/ and docs/.")] = Path(),
) -> None:
    """Print the JSON Schemas of the events, write them, or compare them with the written ones."""
    from ithtel.commands import generated as reference
    from ithtel.events import published

    if write:
        echo(f"wrote {reference.write(root)} files")
    elif check:
        stale = reference.stale(root)
        for path in stale:
            echo(f"{path} differs: run ithtel schemas --write")
        raise typer.Exit(1 if stale else 0)
    else:
        echo(published.everything())
