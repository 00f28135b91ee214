"""`make_environment`: make the environment that a session was recorded in, and return its interpreter.

uv is used if there is one, else `venv` and pip. Environments are kept in the cache folder of the user, by what is in
them, so that a second replay starts at once.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import IthtelError
from ithtel.replay.environment import python_version, requirements
from ithtel.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ithtel.reading.history.values import History

INSTALL_S = 1800.0
_SHOWN_LINES = 4
_CODE = Path(__file__).parents[2]


class CannotMakeEnvironmentError(IthtelError, RuntimeError):
    """The environment of a session cannot be made; the message holds what the installer reported."""


def make_environment(history: History, environ: Mapping[str, str]) -> Path:
    """Make the recorded environment, unless it has been made before, and return its interpreter.

    It has the recorded version of Python, the packages that cells imported in their exact versions, and what a replay
    needs itself: ipykernel, and this ithtel, which is copied.

    Args:
        history: The session.
        environ: The environment variables: the cache folder, and settings of the installers.

    Raises:
        CannotMakeEnvironmentError: The registry cannot be reached, does not have a version, or Python is missing.
    """
    wanted = [*requirements(history), *_own_requirements(requirements(history), network=_asks_hosts(history))]
    folder = cache_folder(environ) / _key(python_version(history), wanted)
    if not folder.exists():
        partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            _make(partial, python_version(history), wanted, environ)
            _put_in_place(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    _copy_ithtel(folder)
    return _python(folder)


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return where environments are kept.

    >>> cache_folder({"XDG_CACHE_HOME": "/cache"}).as_posix()
    '/cache/ithtel/environments'
    """
    base = environ.get("XDG_CACHE_HOME") or environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "ithtel" / "environments"


def _key(version: str, wanted: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([version, platform.platform(), *wanted]).encode()).hexdigest()[:16]


def _asks_hosts(history: History) -> bool:
    return any(each.exchanges for each in history.executions)


def _own_requirements(recorded: Iterable[str], *, network: bool) -> list[str]:
    """Return what ithtel needs in the kernel of a replay, except what is recorded in an exact version."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pinned = {canonicalize_name(Requirement(each).name) for each in recorded}
    found = []
    for text in metadata.requires("ithtel") or []:
        each = Requirement(text)
        extras = ("", "replay", "network") if network else ("", "replay")
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras):
            each.marker = None
            if canonicalize_name(each.name) not in pinned:
                found.append(str(each))
    return sorted(set(found))


def _make(folder: Path, version: str, wanted: Sequence[str], environ: Mapping[str, str]) -> None:
    uv = _uv(environ)
    here = sys.executable if version == platform.python_version() else None
    if uv is not None:
        _run([uv, "venv", "-q", "--python", here or version, str(folder)], environ)
        _run([uv, "pip", "install", "-q", "--python", str(_python(folder)), *wanted], environ)
        return
    python = here or _other_python(version, environ)
    _run([python, "-m", "venv", str(folder)], environ)
    _run([str(_python(folder)), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], environ)


def _uv(environ: Mapping[str, str]) -> str | None:
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    return shutil.which("uv", path=environ.get("PATH")) or (str(beside) if beside.exists() else None)


def _other_python(version: str, environ: Mapping[str, str]) -> str:
    short = ".".join(version.split(".")[:2])
    if short == ".".join(platform.python_version_tuple()[:2]):
        return sys.executable
    found = shutil.which(f"python{short}", path=environ.get("PATH"))
    if found is None:
        raise CannotMakeEnvironmentError(
            f"cannot make the recorded environment: Python {short} is not installed; uv would fetch it: pip install uv"
        )
    return found


def _run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and requirements are no options
            command, env=dict(environ), capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMakeEnvironmentError(f"cannot make the recorded environment: {error}") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        report = "\n  ".join(lines[-_SHOWN_LINES:])
        raise CannotMakeEnvironmentError(
            f"cannot make the recorded environment; {Path(command[0]).name} reports:\n  {report}\n"
            "--env-commands prints the commands, to make it by hand"
        )


def _put_in_place(partial: Path, folder: Path) -> None:
    """Give a complete environment its name, unless another process has made it meanwhile."""
    try:
        partial.replace(folder)
    except OSError:
        if not folder.exists():
            raise


def _copy_ithtel(folder: Path) -> None:
    """Put this ithtel into the environment: no registry need have it."""
    (packages,) = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")][:1]
    target = packages / "ithtel"
    mark = packages / "ithtel-copied.txt"
    newest = max(path.stat().st_mtime_ns for path in _CODE.rglob("*.py"))
    state = f"{__version__} {_CODE} {newest}"
    if mark.exists() and mark.read_text(encoding="utf-8") == state:
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_CODE, target, ignore=shutil.ignore_patterns("__pycache__"))
    mark.write_text(state, encoding="utf-8")


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
