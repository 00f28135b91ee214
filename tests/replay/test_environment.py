"""The environment of a session: what is restored, what differs, and how to recreate it."""

from __future__ import annotations

import platform
import shlex

import msgspec
import pytest

from ithtel.provenance.environment import platform_facts
from ithtel.reading.history.values import Environment, Execution, History
from ithtel.replay.environment import (
    compare_packages,
    differences,
    recreate_commands,
    restored_environment,
    settings_variables,
)


def history(**fields: object) -> History:
    """Return a session with these facts about its environment."""
    return History(name="demo", environment=Environment(**fields))


def test_packages_are_compared_by_version() -> None:
    """A missing package is needed only if a cell imports it."""
    packages = {"pytest": pytest.__version__, "msgspec": "0.0.1", "no_such_package": "1.0", "nor_this": "2.0"}
    session = msgspec.structs.replace(
        history(packages=packages), executions=[Execution(place=1, source="import no_such_package")]
    )
    found = compare_packages(session)
    assert ["pytest"] == found.same
    assert {"msgspec": ("0.0.1", msgspec.__version__)} == found.differ
    assert {"no_such_package": "1.0", "nor_this": "2.0"} == found.missing
    assert ["no_such_package"] == found.needed


def test_variables_that_affect_results_are_restored() -> None:
    """Recorded ones replace the present ones, others stay, and the host's names are removed."""
    now = {"OMP_NUM_THREADS": "8", "MKL_CBWR": "AVX", "HOME": "/root", "TZ": "UTC", "JPY_SESSION_NAME": "a.ipynb"}
    found = restored_environment(history(variables={"OMP_NUM_THREADS": "1"}, timezone="UTC"), now)
    assert {"OMP_NUM_THREADS": "1", "HOME": "/root", "TZ": "UTC"} == found


def test_another_time_zone_is_restored() -> None:
    """POSIX counts offsets with the opposite sign."""
    assert "UTC-05:30" == restored_environment(history(timezone="UTC+0530"), {"TZ": "UTC"})["TZ"]


def test_settings_are_restored_as_variables() -> None:
    """Except those that a replay chooses itself."""
    config = {"record_outputs": "text", "private": False, "log_dir": "logs", "keep": "code"}
    found = settings_variables(msgspec.structs.replace(history(), config=config))
    assert {"ITHTEL_RECORD_OUTPUTS": "text", "ITHTEL_PRIVATE": "false"} == found


def test_differences_are_reported() -> None:
    """Python and the hash seed, but not facts that are the same."""
    now = platform_facts({})
    same = {"platform": now.platform, "cpu": now.cpu, "locale": now.locale}
    found = list(differences(history(python="CPython 3.0.0", hash_seed=None, **same), {}))
    assert [
        f"Python: recorded with CPython 3.0.0, running {now.python}",
        "hash seed: PYTHONHASHSEED was not set, so the iteration order of sets cannot be restored",
    ] == found
    assert [] == list(differences(history(python=now.python, hash_seed="0", **same), {}))


def test_the_commands_name_python_and_every_known_version() -> None:
    """A package of unknown version is left out."""
    packages = {"no_such_package": "1.0", "nor_this": "unknown"}
    venv, install = recreate_commands(history(python="CPython 3.12.4", packages=packages))
    assert "python3.12 -m venv replay-env  # recorded with 3.12.4" == venv
    assert ["replay-env/bin/pip", "install", "no_such_package==1.0", "ithtel[replay]"] == shlex.split(install)
    assert platform.python_version() in recreate_commands(history())[0]
