"""The other Pythons of this machine: on the path, or those that pyenv or uv have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPPORTED = ("3.11", "3.12", "3.13")


@cache
def at_hand(version: str) -> str:
    """Return the interpreter of that version, this one where it is; skip the test where there is none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    for command, environment in _candidates(version):
        said = _output([*command, "-c", "import sys; print(sys.executable, *sys.version_info[:2])"], environment)
        executable, _, found = said.strip().partition(" ")
        if found.replace(" ", ".") == version:
            return executable
    pytest.skip(f"no Python {version} on the path, of pyenv or of uv")


def _candidates(version: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Return commands that may start it: pyenv's shims need the version."""
    if found := shutil.which(f"python{version}"):
        yield [found], {}
    for full in _output(["pyenv", "versions", "--bare"]).split():
        if full.startswith(version + ".") and found is not None:
            yield [found], {"PYENV_VERSION": full}
    if path := _output(["uv", "python", "find", "--no-python-downloads", version]).strip():
        yield [path], {}


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Return what a command prints; nothing where it fails or is not there."""
    if shutil.which(command[0]) is None:
        return ""
    env = {**os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env).stdout
