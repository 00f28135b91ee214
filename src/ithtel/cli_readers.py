"""The verbs of `ithtel` for other programs that read logs: lnav-format."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Put these verbs into the command line."""
    app.command("lnav-format")(lnav_format)


def lnav_format() -> None:
    """Print the format file of lnav: `ithtel lnav-format > ithtel.json && lnav -i ithtel.json`."""
    from ithtel.commands.lnav import lnav_format

    typer.echo(lnav_format(), nl=False)
