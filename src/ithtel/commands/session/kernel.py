"""`install_kernel`, `remove_kernel`: a Jupyter kernel that records from its first cell, and keeps the order of sets."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from ithtel.errors import InputError, MissingPackageError

NAME = "ithtel"
HASH_SEED = "0"
"""With a fixed seed, sets and hashes of texts have the same order in every session and every replay."""
_GENERIC = frozenset({".venv", "venv", "env", ".env"})
"""Folders that name no environment: the folder above them does."""


def install_kernel(
    name: str = NAME, *, display_name: str | None = None, user: bool = True, prefix: str | Path | None = None
) -> Path:
    """Install a kernel that starts this Python with recording on and a fixed hash seed; return its folder.

    A notebook that uses it is recorded without `%load_ext ithtel`. The kernel starts the interpreter of this very
    environment, and its display name names the environment.

    Args:
        name: The name of the kernel, by which notebooks refer to it.
        display_name: What front ends show; by default `Python (ithtel, ENVIRONMENT)`.
        user: Install for the user, so that every Jupyter of theirs finds it.
        prefix: Install into this environment instead, such as `sys.prefix`.

    Raises:
        InputError: The name is not valid, or the folder cannot be written.
        MissingPackageError: jupyter_client or ipykernel is not installed.
    """
    manager = _manager()
    if not name:
        raise InputError("cannot install the kernel: give it a name")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(_specification(display_name), indent=1), encoding="utf-8")
        try:
            place = manager.install_kernel_spec(
                folder, name, user=user and prefix is None, prefix=None if prefix is None else str(prefix)
            )
        except (OSError, ValueError) as error:
            raise InputError(f"cannot install the kernel {name!r}: {error}") from error
    return Path(place)


def remove_kernel(name: str = NAME) -> Path:
    """Remove a kernel that `install_kernel` installed; return the folder that it was in.

    Raises:
        InputError: There is no such kernel, or it was installed by something else.
        MissingPackageError: jupyter_client or ipykernel is not installed.
    """
    manager = _manager()
    place = manager.find_kernel_specs().get(name)
    if place is None:
        raise InputError(f"there is no kernel {name!r}")
    try:
        found = json.loads(Path(place, "kernel.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    if NAME not in found.get("metadata", {}):
        raise InputError(f"the kernel {name!r} was not installed by ithtel: jupyter kernelspec remove {name}")
    manager.remove_kernel_spec(name)
    return Path(place)


def _manager() -> Any:  # noqa: ANN401 - jupyter_client has no types
    try:
        import ipykernel  # noqa: F401 - the kernel needs it
        from jupyter_client.kernelspec import KernelSpecManager
    except ImportError as error:
        raise MissingPackageError(f"a kernel needs ipykernel ({error}): pip install ipykernel") from error
    return KernelSpecManager()


def _specification(display_name: str | None) -> dict[str, object]:
    environment = environment_name(Path(sys.prefix))
    return {
        "argv": [
            sys.executable,
            "-Xfrozen_modules=off",
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
            "--ext=ithtel",
        ],
        "display_name": display_name or f"Python (ithtel, {environment})",
        "language": "python",
        "env": {"PYTHONHASHSEED": HASH_SEED},
        "metadata": {"debugger": True, NAME: {"environment": environment, "python": sys.version.split()[0]}},
    }


def environment_name(prefix: Path) -> str:
    """Return the name of an environment: that of its folder, or of the project that it lies in.

    >>> environment_name(Path("/home/ann/study/.venv")), environment_name(Path("/opt/conda/envs/quant"))
    ('study', 'quant')
    """
    return prefix.parent.name if prefix.name in _GENERIC and prefix.parent.name else prefix.name
