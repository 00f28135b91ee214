"""The verb `ithtel kernel`: install and remove a Jupyter kernel that records from its first cell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ithtel.cli.root import app, echo

kernel = typer.Typer(
    help="Install or remove a Jupyter kernel that records from its first cell.", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip
app.add_typer(kernel, name="kernel")
Name = Annotated[str, typer.Option(help="The name of the kernel, by which notebooks refer to it.")]


@kernel.command()
def install(
    name: Name = "ithtel",
    display_name: Annotated[str | None, typer.Option(help="What front ends show.")] = None,
    prefix: Annotated[Path | None, typer.Option(help="Install into this environment, not for the user.")] = None,
    sys_prefix: Annotated[bool, typer.Option("--sys-prefix", help="Install into the environment of ithtel.")] = False,
) -> None:
    """Install the kernel: this Python, recording on, and a fixed hash seed, so that sets keep their order."""
    import sys

    from ithtel.commands.session.kernel import install_kernel

    place = install_kernel(name, display_name=display_name, prefix=sys.prefix if sys_prefix else prefix)
    echo(f"installed the kernel {name!r} in {place}")


@kernel.command()
def remove(name: Name = "ithtel") -> None:
    """Remove the kernel."""
    from ithtel.commands.session.kernel import remove_kernel

    echo(f"removed the kernel {name!r} from {remove_kernel(name)}")
