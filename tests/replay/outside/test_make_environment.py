"""The recorded environment is made once, and its interpreter runs the replay."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING

import pytest

from ithtel.reading.history.values import Environment, History
from ithtel.replay.outside import make_environment as module
from ithtel.replay.outside.make_environment import CannotMakeEnvironmentError, cache_folder, make_environment

if TYPE_CHECKING:
    from pathlib import Path

INSTALLER = """#!{python}
import pathlib, sys
pathlib.Path({log!r}).open("a").write(" ".join(sys.argv[1:]) + chr(10))
if sys.argv[1] == "venv":
    folder = pathlib.Path(sys.argv[-1])
    (folder / "lib/python3/site-packages").mkdir(parents=True)
    (folder / "bin").mkdir()
elif "nosuch==1.0" in sys.argv:
    sys.exit("no version of nosuch==1.0" + chr(10) + "you require nosuch==1.0")
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the installer of these tests is a script")


def history(python: str | None = None, **packages: str) -> History:
    return History(name="n", environment=Environment(python=python, packages=packages))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Variables with which a script stands for uv, and writes down what it was asked to do."""
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(INSTALLER.format(python=sys.executable, log=str(tmp_path / "asked")), encoding="utf-8")
    uv.chmod(0o755)
    return {"PATH": str(uv.parent), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text(encoding="utf-8").splitlines()


def test_exact_versions_are_installed_once(environ: dict[str, str], tmp_path: Path) -> None:
    """With what a replay needs itself; the second time nothing is installed."""
    session = history(f"CPython {platform.python_version()}", sklearn="1.4.2", nosuchlib="2.0")
    python = make_environment(session, environ)
    assert python == make_environment(session, environ)
    made, installed = asked(tmp_path)
    assert made.startswith(f"venv -q --python {sys.executable}")
    words = installed.split()
    assert {"scikit-learn==1.4.2", "nosuchlib==2.0"} <= {*words}
    assert [True] == [word.startswith("ipykernel") for word in words if word.startswith("ipykernel")]
    assert (python.parents[1] / "lib/python3/site-packages/ithtel/__init__.py").exists()
    assert cache_folder(environ) == python.parents[2]


def test_another_python_is_asked_for(environ: dict[str, str], tmp_path: Path) -> None:
    """In its exact version, which uv fetches."""
    make_environment(history("CPython 3.12.1"), environ)
    assert " --python 3.12.1 " in asked(tmp_path)[0]


def test_what_the_installer_reports_is_shown_and_nothing_is_left(environ: dict[str, str]) -> None:
    """A version that the registry does not have, or a registry that cannot be reached."""
    with pytest.raises(CannotMakeEnvironmentError, match=r"uv reports:\n  no version of nosuch==1.0"):
        make_environment(history(nosuch="1.0"), environ)
    assert [] == [*cache_folder(environ).iterdir()]


def test_a_python_that_is_missing_is_named(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without uv only a Python that is installed can be used."""
    monkeypatch.setattr(module, "_uv", lambda _environ: None)
    with pytest.raises(CannotMakeEnvironmentError, match=r"Python 2\.6 is not installed; uv would fetch it"):
        make_environment(history("CPython 2.6.1"), {**environ, "PATH": str(tmp_path)})
