"""The environment is reported cheaply, and each change once."""

from __future__ import annotations

import importlib.machinery
import sys
import sysconfig
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest

from ithtel.provenance.environment import ModuleWatch, PackageWatch, platform_facts, thread_counts

SITE = Path(sysconfig.get_paths()["purelib"])


def module(name: str, origin: str | None, **attributes: object) -> ModuleType:
    """Return a module as if it had been imported from `origin`."""
    made = ModuleType(name)
    made.__spec__ = importlib.machinery.ModuleSpec(name, None, origin=origin)
    vars(made).update(attributes)
    return made


def test_python() -> None:
    """Implementation and version of Python are reported."""
    implementation, version = platform_facts().python.split()
    assert sys.implementation.name == implementation.lower()
    assert sys.version.split()[0] == version


def test_environment_variables() -> None:
    """Variables that change numerics are reported, and no others."""
    environ = {"PYTHONHASHSEED": "0", "MKL_CBWR": "AVX2", "OPENBLAS_NUM_THREADS": "1", "SECRET": "x", "HOME": "/"}
    assert list(platform_facts(environ).environment) == ["MKL_CBWR", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED"]


@pytest.mark.parametrize(("environ", "expected"), [({}, None), ({"PYTHONHASHSEED": "random"}, "random")])
def test_hash_seed(environ: dict[str, str], expected: str | None) -> None:
    """The hash seed is what was set, or null."""
    assert expected == platform_facts(environ).hash_seed


def test_cpu(tmp_path: Path) -> None:
    """The processor's model is read from the kernel's file."""
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast 3000: 2 GHz\n\nmodel name\t: Slow\n")
    assert platform_facts({}, cpuinfo=str(tmp_path / "cpuinfo")).cpu == "Fast 3000: 2 GHz"


def test_cpu_unknown(tmp_path: Path) -> None:
    """Without that file the processor is what the environment says, or null."""
    absent = str(tmp_path / "absent")
    assert platform_facts({}, cpuinfo=absent).cpu is None
    assert platform_facts({"PROCESSOR_IDENTIFIER": "x"}, cpuinfo=absent).cpu == "x"


@pytest.mark.parametrize("zone", ["Europe/Zurich", ":Europe/Zurich"])
def test_timezone_variable(zone: str) -> None:
    """The zone is the one that TZ names."""
    assert platform_facts({"TZ": zone}).timezone == "Europe/Zurich"


def test_timezone_link(tmp_path: Path) -> None:
    """The zone is the one that the system's link names."""
    target = tmp_path / "zoneinfo" / "Asia" / "Tokyo"
    target.parent.mkdir(parents=True)
    target.touch()
    (tmp_path / "localtime").symlink_to(target)
    assert platform_facts({}, localtime=str(tmp_path / "localtime")).timezone == "Asia/Tokyo"


def test_timezone_offset(tmp_path: Path) -> None:
    """Where nothing names the zone, it is an offset."""
    assert platform_facts({}, localtime=str(tmp_path / "absent")).timezone.startswith("UTC+")


def test_installed_package() -> None:
    """An installed package is reported with its version, at the first call."""
    watch = PackageWatch({"msgspec": msgspec}, {})
    changes = watch.changes()
    assert changes is not None
    assert {"msgspec": msgspec.__version__} == changes.packages


def test_told_once() -> None:
    """What was reported is not reported again."""
    watch = PackageWatch({"msgspec": msgspec}, {})
    watch.changes()
    assert watch.changes() is None


def test_new_package() -> None:
    """A package imported since the last call is reported, even if the number of modules is the same."""
    modules = {"msgspec": msgspec, "a": module("a", None)}
    watch = PackageWatch(modules, {})
    watch.changes()
    del modules["a"]
    modules["b.c"] = module("b.c", None)
    modules["b"] = module("b", str(SITE / "b.py"), __version__="2.0")
    changes = watch.changes()
    assert changes is not None
    assert changes.packages == {"b": "2.0"}


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("json", str(Path(sysconfig.get_paths()["stdlib"]) / "json.py")),
        ("helpers", "/home/user/project/helpers.py"),
        ("_private", str(SITE / "_private.py")),
        ("builtin_thing", "built-in"),
        ("nothing", None),
    ],
)
def test_not_packages(name: str, origin: str | None) -> None:
    """Python's own modules, the user's, private and built-in ones are not packages."""
    assert PackageWatch({name: module(name, origin, __version__="1")}, {}).changes() is None


def test_unknown_version() -> None:
    """A package without a version is reported as unknown."""
    changes = PackageWatch({"oddity": module("oddity", str(SITE / "oddity.py"))}, {}).changes()
    assert changes is not None
    assert changes.packages == {"oddity": "unknown"}


def test_editable() -> None:
    """A package installed from the user's folder is reported with its distribution's version."""
    changes = PackageWatch({"msgspec": module("msgspec", "/home/user/msgspec/__init__.py")}, {}).changes()
    assert changes is not None
    assert {"msgspec": msgspec.__version__} == changes.packages


def test_module_is_not_asked() -> None:
    """A module's own `__getattr__` does not run."""

    def fail(name: str) -> Any:
        raise AssertionError(name)

    PackageWatch({"lazy": module("lazy", str(SITE / "lazy.py"), __getattr__=fail)}, {}).changes()


def test_threads_changed() -> None:
    """Another number of threads is a change, told once."""
    environ = {"OMP_NUM_THREADS": "2"}
    watch = PackageWatch({}, environ)
    watch.changes()
    environ["OMP_NUM_THREADS"] = "4"
    changes = watch.changes()
    assert changes is not None
    assert changes.threads == {"omp": 4}
    assert watch.changes() is None


@pytest.mark.parametrize("value", ["", "two", "-1"])
def test_odd_thread_variable(value: str) -> None:
    """A variable that is not a number is not a number of threads."""
    assert thread_counts({}, {"OMP_NUM_THREADS": value}) == {}


@pytest.mark.parametrize(("started", "expected"), [(False, 8), (True, 3)])
def test_numba(*, started: bool, expected: int) -> None:
    """Numba is asked only where its threads run already: asking would start them."""
    numba = SimpleNamespace(get_num_threads=lambda: 3, config=SimpleNamespace(NUMBA_NUM_THREADS=8))
    parallel = SimpleNamespace(_is_initialized=started)
    modules: Any = {"numba": numba, "numba.np.ufunc.parallel": parallel}
    assert {"numba": expected} == thread_counts(modules, {})


def test_pools() -> None:
    """Where threadpoolctl is loaded, it is asked."""
    pools = SimpleNamespace(threadpool_info=lambda: [{"internal_api": "openblas", "num_threads": 2}])
    modules: Any = {"threadpoolctl": pools}
    assert thread_counts(modules, {}) == {"pool:openblas": 2}


def test_own_module(tmp_path: Path) -> None:
    """One of the user's modules is reported once, and again when its file changes."""
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n")
    watch = ModuleWatch({"mine": module("mine", str(path))})
    first = watch.changes()
    assert [("mine", str(path))] == [(event.name, event.path) for event in first]
    assert watch.changes() == []
    path.write_text("x = 22\n")
    second = watch.changes()
    assert [event.name for event in second] == ["mine"]
    assert first[0].sha256 != second[0].sha256


def test_library_modules() -> None:
    """Modules of Python and of packages are not the user's."""
    assert ModuleWatch({"msgspec": msgspec, "pathlib": sys.modules["pathlib"]}).changes() == []


def test_deleted_module(tmp_path: Path) -> None:
    """A module whose file is gone is not told."""
    assert ModuleWatch({"gone": module("gone", str(tmp_path / "gone.py"))}).changes() == []
