"""`compare_packages`, `restored_environment`: the environment of a session, what differs now, and how to restore it."""

from __future__ import annotations

import json
import platform
import shlex
from importlib import metadata, util
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.seeds_and_imports import imported
from ithtel.provenance.environment import platform_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ithtel.reading.history.values import History

RESTORED = ("OMP_", "MKL_", "OPENBLAS_", "NUMBA_", "PYTHONHASHSEED", "PYTHONOPTIMIZE")
_DEBUGGER = ("pydev", "debugpy", "_pydev")
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "yaml": "PyYAML", "bs4": "beautifulsoup4", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "skimage": "scikit-image", "talib": "TA-Lib", "pandas_ta": "pandas-ta",
}  # fmt: skip
"""What to install for a module that is not installed here."""
_LEFT = ("_DIR", "_PATH")
_NOT_SETTINGS = frozenset({"log_dir", "keep"})


class PackageComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded packages compared with those that are installed now."""

    same: list[str]
    differ: dict[str, tuple[str, str]]
    """Name → recorded version, present version."""
    missing: dict[str, str]
    """Name → recorded version."""
    needed: list[str]
    """The missing ones that a cell imports itself."""


def compare_packages(history: History) -> PackageComparison:
    """Compare the recorded packages with those that are installed now."""
    recorded = history.environment.packages
    distributions = metadata.packages_distributions()
    used = {package for cell in history.executions for package in imported(cell.source or "").values()}
    same, differ, missing = [], {}, {}
    for name, version in recorded.items():
        if name.startswith(_DEBUGGER):
            continue
        now = _version(name, distributions)
        if now is None:
            missing[name] = version
        elif version in {now, "unknown"}:
            same.append(name)
        else:
            differ[name] = (version, now)
    return PackageComparison(
        same=same, differ=differ, missing=missing, needed=[name for name in missing if name in used]
    )


def as_recorded_packages(history: History) -> PackageComparison:
    """Return the comparison with an environment that was made from the record."""
    return PackageComparison(same=[*history.environment.packages], differ={}, missing={}, needed=[])


def python_version(history: History) -> str:
    """Return the recorded version of Python, such as `3.11.7`; the present one if it is not known."""
    return (history.environment.python or platform.python_version()).rpartition(" ")[2]


def requirements(history: History) -> list[str]:
    """Return the recorded packages with their exact versions, as an installer takes them.

    A package that is installed from a folder in the recorded version is taken from there: no registry may have it.
    """
    distributions = metadata.packages_distributions()
    wanted = {
        _requirement(distributions.get(name, [_DISTRIBUTIONS.get(name, name)])[0], version)
        for name, version in history.environment.packages.items()
        if version != "unknown" and not name.startswith(_DEBUGGER)
    }
    return sorted(wanted)


def recreate_commands(history: History) -> list[str]:
    """Return the shell commands that would create the recorded environment."""
    version = python_version(history)
    short = ".".join(version.split(".")[:2])
    return [
        f"python{short} -m venv replay-env  # recorded with {version}",
        " ".join(["replay-env/bin/pip install", *map(shlex.quote, requirements(history)), "'ithtel[replay]'"]),
    ]


def restored_environment(
    history: History, environ: Mapping[str, str], *, without_hash_seed: bool = False
) -> dict[str, str]:
    """Return the kernel's environment: the present one, with the recorded variables that affect numerical results.

    Args:
        history: The session.
        environ: The present environment.
        without_hash_seed: Leave PYTHONHASHSEED unset, as it is for a stranger.
    """
    recorded = history.environment.variables
    env = {name: value for name, value in environ.items() if not _is_restored(name)}
    env |= {name: value for name, value in recorded.items() if _is_restored(name)}
    if without_hash_seed:
        env.pop("PYTHONHASHSEED", None)
    zone = history.environment.timezone
    if zone is not None and zone != platform_facts(environ).timezone:
        env["TZ"] = _tz(zone)
    for name in ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH", "JPY_PARENT_PID"):
        env.pop(name, None)
    return env


def settings_variables(history: History) -> dict[str, str]:
    """Return the recorded settings as environment variables, so that the replay records the same."""
    return {
        f"ITHTEL_{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in history.config.items()
        if name not in _NOT_SETTINGS and isinstance(value, str | int | float)
    }


def differences(history: History, environ: Mapping[str, str], *, is_made: bool = False) -> Iterator[str]:
    """Yield a note for each difference from the recorded environment that cannot be restored.

    Args:
        history: The session.
        environ: The environment variables that the kernel starts from.
        is_made: Whether the recorded environment is made for the replay, with its Python.
    """
    recorded, now = history.environment, platform_facts(environ)
    if not is_made and recorded.python is not None and recorded.python != now.python:
        yield f"Python: recorded with {recorded.python}, running {now.python}"
    for what in ("platform", "cpu", "locale"):
        one, other = getattr(recorded, what), getattr(now, what)
        if one is not None and one != other:
            yield f"{what}: recorded with {one}, running with {other}"
    if recorded.hash_seed in {None, "random"}:
        yield "hash seed: PYTHONHASHSEED was not set, so the iteration order of sets cannot be restored"


def _requirement(distribution: str, version: str) -> str:
    """Return what an installer takes."""
    try:
        found = metadata.distribution(distribution)
        origin = found.read_text("direct_url.json") if found.version == version else None
    except (metadata.PackageNotFoundError, ValueError):
        origin = None
    url = json.loads(origin).get("url", "") if origin else ""
    return f"{distribution} @ {url}" if url.startswith("file:") else f"{distribution}=={version}"


def _is_restored(name: str) -> bool:
    return name.startswith(RESTORED) and not name.endswith(_LEFT)


def _version(name: str, distributions: Mapping[str, list[str]]) -> str | None:
    for distribution in distributions.get(name, ()):
        try:
            return metadata.version(distribution)
        except (metadata.PackageNotFoundError, ValueError):
            continue
    try:
        return "unknown" if util.find_spec(name) is not None else None
    except (ImportError, ValueError):
        return None


def _tz(zone: str) -> str:
    """Return a zone as a value of the variable TZ. POSIX counts offsets with the opposite sign.

    >>> _tz("Europe/Berlin"), _tz("UTC+0530")
    ('Europe/Berlin', 'UTC-05:30')
    """
    if zone.startswith("UTC") and len(zone) == 8:  # noqa: PLR2004 - UTC+hhmm
        return f"UTC{'-' if zone[3] == '+' else '+'}{zone[4:6]}:{zone[6:]}"
    return zone
