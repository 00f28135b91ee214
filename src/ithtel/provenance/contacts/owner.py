"""`owner_of`: the function on whose behalf something outside is asked, if the user's code stands behind it."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING

from ithtel.provenance.user_code import is_own_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

CELL = "the cell"
_ABOUT_THE_MACHINE = (
    "platform", "uuid", "ctypes.util", "sysconfig", "_sysconfigdata", "distutils", "_distutils_hack", "setuptools",
    "cpuinfo", "multiprocessing", "joblib.externals.loky", "loky", "matplotlib.font_manager", "threadpoolctl",
)  # fmt: skip
"""Modules that run programs and open connections of their own, to learn about the machine or to reach their workers."""
_HOSTS = frozenset(
    {"ipykernel", "IPython", "jupyter_client", "tornado", "zmq", "traitlets", "debugpy", "pydevd", "comm"}
    | {"_pydevd_bundle", "_pydev_bundle", "nbclient", "papermill", "ptyprocess", "pexpect"}
)
"""Packages that run the notebook: what they do of their own accord is not the notebook's."""
_WRAPPERS = ("functools", "contextlib")
_MACHINERY = (*_WRAPPERS, "threading", "concurrent.", "asyncio.", "multiprocessing.", "socket")
"""What stands outermost in a thread that a library has started."""
_IMPORT = "<frozen importlib._bootstrap>"


def owner_of(frame: FrameType | None, cell: Mapping[str, object]) -> str | None:
    """Return the function that the user's code called, or the user's own function if it asks itself.

    None if no code of the user stands behind it: an import, the front end, ithtel. In a thread whose frames do not show
    who started it, the outermost function of a library counts.

    Args:
        frame: The innermost frame.
        cell: The namespace in which cells run.
    """
    path: list[tuple[str, str]] = []
    while frame is not None:
        module, name = str(frame.f_globals.get("__name__", "")), frame.f_code.co_qualname
        file = frame.f_code.co_filename
        if frame.f_globals is cell or (not file.startswith("<") and is_own_file(file)):
            return _called(path, _WRAPPERS) or (CELL if name == "<module>" else name)
        if file == _IMPORT or module.partition(".")[0] == "ithtel" or _is_about_the_machine(module):
            return None
        if module == "asyncio.events" and name == "Handle._run":
            break  # what lies below is the event loop, which may be the kernel's
        path.append((module, name))
        frame = frame.f_back
    packages = (module.partition(".")[0] for module, _ in path)
    package = next((each for each in packages if each not in sys.stdlib_module_names), None)
    if package in _HOSTS:
        return None
    return _called(path, _MACHINERY) or CELL


def _is_about_the_machine(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in _ABOUT_THE_MACHINE)


def _called(path: list[tuple[str, str]], machinery: tuple[str, ...]) -> str:
    """Return the outermost function of a path (innermost first) that is not machinery, "" if there is none."""
    for module, name in reversed(path):
        if module.partition(".")[0] in _HOSTS:
            return CELL  # `!command`, `%pip`
        if not module.startswith(machinery) and "<locals>" not in name:
            return _public_name(module, name)
    return ""


def _public_name(module: str, name: str) -> str:
    """Return the name that users call a function by: `requests.get`, not `requests.api.get`."""
    package, name = module.partition(".")[0], name.removesuffix(".__init__")
    exported = vars(sys.modules[package]) if package in sys.modules else {}
    found = exported.get(name.partition(".")[0])
    if isinstance(found, type | FunctionType) and found.__module__ in (module, package):
        return f"{package}.{name}"
    return f"{module}.{name}"
