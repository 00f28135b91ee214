"""`platform_facts`, `PackageWatch`, `ModuleWatch`: the machine, interpreter, packages and modules of a session."""

from __future__ import annotations

import locale
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.events import EnvironmentChanged, ModuleLoaded
from ithtel.provenance.files import digest_or_none
from ithtel.provenance.unstable import unstable
from ithtel.provenance.user_code import is_own_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

NUMERIC_VARIABLES = ("PYTHON", "OMP_", "MKL_", "OPENBLAS_", "NUMBA_")
"""Prefixes of the environment variables that affect numerical results."""

_THREADS = {"omp": "OMP_NUM_THREADS", "mkl": "MKL_NUM_THREADS", "openblas": "OPENBLAS_NUM_THREADS"}


class PlatformFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The part of `session.start` that describes the machine, with the fields of that event."""

    python: str
    platform: str
    cpu: str | None
    cpu_count: int | None
    timezone: str
    locale: str | None
    hash_seed: str | None
    environment: dict[str, str]


def platform_facts(
    environ: Mapping[str, str] = os.environ, *, cpuinfo: str = "/proc/cpuinfo", localtime: str = "/etc/localtime"
) -> PlatformFacts:
    """Return facts about machine and interpreter, without starting a process.

    >>> platform_facts({"OMP_NUM_THREADS": "2", "HOME": "/root"}).environment
    {'OMP_NUM_THREADS': '2'}
    """
    machine = platform.uname()
    return PlatformFacts(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        platform=f"{machine.system}-{machine.release}-{machine.machine}",
        cpu=_cpu(environ, cpuinfo),
        cpu_count=os.cpu_count(),
        timezone=_timezone(environ, localtime),
        locale=locale.setlocale(locale.LC_CTYPE),
        hash_seed=environ.get("PYTHONHASHSEED"),
        environment={name: environ[name] for name in sorted(environ) if name.startswith(NUMERIC_VARIABLES)},
    )


class PackageWatch:
    """Reports packages that were imported, and numbers of threads that changed, since the last call.

    Args:
        modules: The loaded modules; `sys.modules` unless given.
        environ: The environment, for the numbers of threads.

    >>> watch = PackageWatch()
    >>> _ = watch.changes()
    >>> watch.changes() is None
    True
    """

    def __init__(self, modules: dict[str, ModuleType] | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._modules = sys.modules if modules is None else modules
        self._environ = environ
        self._mark: tuple[int, str | None] = (0, None)
        self._seen: set[str] = set()
        self._threads: dict[str, int] = {}

    def changes(self) -> EnvironmentChanged | None:
        """Return the packages that are new since the last call (at first, all) and the threads; None if unchanged.

        A package is known by its import name; its version is the module's `__version__`, else that of the distribution
        of the same name, else `unknown`. The standard library and the user's own modules are left out.
        """
        packages = self._new_packages() if self._mark != _mark_of(self._modules) else {}
        threads = thread_counts(self._modules, self._environ, ask_pools=bool(packages))
        known = {name: count for name, count in self._threads.items() if name.startswith("pool:")} | threads
        if not packages and known == self._threads:
            return None
        self._threads = known
        return EnvironmentChanged(packages=packages, threads=known)

    def _new_packages(self) -> dict[str, str]:
        self._mark = _mark_of(self._modules)
        names = {name.partition(".")[0] for name in self._modules.copy()} - self._seen
        self._seen |= names
        versions = {name: _version(name, self._modules.get(name)) for name in sorted(names)}
        return {name: version for name, version in versions.items() if version is not None}


class ModuleWatch:
    """Reports which of the user's own modules were loaded, or changed on disk, since the last call."""

    def __init__(self, modules: dict[str, ModuleType] | None = None) -> None:
        self._modules = sys.modules if modules is None else modules
        self._mark: tuple[int, str | None] = (0, None)
        self._own: dict[str, str] = {}
        self._known: dict[str, tuple[int, int]] = {}

    def changes(self) -> list[ModuleLoaded]:
        """Return an event for each module that is new, or whose file has changed since the last call."""
        mark = _mark_of(self._modules)
        if mark != self._mark:
            self._mark = mark
            self._own = _own_modules(self._modules)
        return [event for name, path in self._own.items() if (event := self._changed(name, path)) is not None]

    def _changed(self, name: str, path: str) -> ModuleLoaded | None:
        try:
            status = Path(path).stat()
            key = (status.st_mtime_ns, status.st_size)
            if self._known.get(name) == key:
                return None
            self._known[name] = key
        except OSError:
            return None
        sha256 = digest_or_none(path)
        uses = unstable(self._modules.get(name), status.st_size)
        return None if sha256 is None else ModuleLoaded(name=name, path=path, sha256=sha256, unstable=uses or None)


def thread_counts(
    modules: Mapping[str, ModuleType] | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    ask_pools: bool = True,
) -> dict[str, int]:
    """Return the known numbers of threads (library → number) without loading or starting anything.

    They are `omp`, `mkl` and `openblas` from the environment, `numba` if it is loaded, and, with `ask_pools` and if
    threadpoolctl is loaded, the pools that it finds as `pool:<library>`.
    """
    loaded = sys.modules if modules is None else modules
    counts = {name: int(environ[key]) for name, key in _THREADS.items() if environ.get(key, "").isdecimal()}
    numba = loaded.get("numba")
    if numba is not None and hasattr(numba, "get_num_threads"):
        # get_num_threads() would start numba's threads if none run yet
        started = getattr(loaded.get("numba.np.ufunc.parallel"), "_is_initialized", False)
        counts["numba"] = int(numba.get_num_threads() if started else numba.config.NUMBA_NUM_THREADS)
    pools: Any = loaded.get("threadpoolctl")
    if ask_pools and hasattr(pools, "threadpool_info"):
        counts |= {f"pool:{pool['internal_api']}": int(pool["num_threads"]) for pool in pools.threadpool_info()}
    return counts


def _mark_of(modules: dict[str, ModuleType]) -> tuple[int, str | None]:
    """Return a mark that changes with every import, since a new key of a dict goes to its end."""
    return len(modules), next(reversed(modules), None)


def _own_modules(modules: Mapping[str, ModuleType]) -> dict[str, str]:
    found = {}
    for name, module in list(modules.items()):
        path = getattr(getattr(module, "__spec__", None), "origin", None)
        if isinstance(path, str) and name != "__main__" and path.endswith(".py") and is_own_file(path):
            found[name] = path
    return found


def _version(name: str, module: ModuleType | None) -> str | None:
    """Return the version of a top-level module, None if it is not an installed package."""
    if module is None or name in sys.stdlib_module_names or name.startswith("_"):
        return None
    stated = getattr(module, "__dict__", {}).get("__version__")  # a module's __getattr__ may warn, or import
    origin = _origin(module)
    if is_own_file(origin):
        return _distribution_version(name)
    if origin is None:
        return None
    return stated if isinstance(stated, str) else _distribution_version(name) or "unknown"


def _origin(module: ModuleType) -> str | None:
    """Return the file or folder that a module was loaded from, None if there is none."""
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    if isinstance(origin, str) and Path(origin).is_absolute():
        return origin
    return next((str(path) for path in getattr(spec, "submodule_search_locations", None) or ()), None)


def _distribution_version(name: str) -> str | None:
    from importlib import metadata  # takes 15 ms, which only a session with such a module pays

    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return None


def _cpu(environ: Mapping[str, str], cpuinfo: str) -> str | None:
    if sys.platform == "darwin":
        return _sysctl(b"machdep.cpu.brand_string")
    try:
        with Path(cpuinfo).open("rb") as file:
            lines = file.read(4096).decode("utf-8", "replace").splitlines()  # the first processor; the rest costs ms
    except OSError:
        return environ.get("PROCESSOR_IDENTIFIER")
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _sysctl(name: bytes) -> str | None:
    import ctypes

    size, value = ctypes.c_size_t(256), ctypes.create_string_buffer(256)
    failed = ctypes.CDLL(None).sysctlbyname(name, value, ctypes.byref(size), None, 0)
    return None if failed else value.value.decode("utf-8", "replace")


def _timezone(environ: Mapping[str, str], localtime: str) -> str:
    """Return the time zone's name in the IANA database if the system tells it, else its offset from UTC."""
    named = environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    target = os.path.realpath(localtime)
    if "zoneinfo/" in target:
        return target.rpartition("zoneinfo/")[2]
    return f"UTC{time.strftime('%z')}"
