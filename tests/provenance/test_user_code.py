"""The user's own code is distinguished from Python's and from installed packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ithtel.provenance import user_code
from ithtel.provenance.user_code import dict_of, is_own_class, is_own_file, is_own_module, modules_behind

OWN = ModuleType("own_model")
OWN.__file__ = "/work/own_model.py"
MODULES = {**sys.modules, "own_model": OWN}


class Meta(type):
    """A metaclass that must not be asked."""

    def __getattribute__(cls, name: str) -> object:
        raise AssertionError(name)


class Guarded(metaclass=Meta):
    """A class whose metaclass fails."""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/work/model.py", True),
        (json.__file__, False),
        (pytest.__file__, False),
        (user_code.__file__, False),
        (None, False),
    ],
)
def test_a_file_is_the_users_by_its_folder(path: str | None, expected: bool) -> None:
    """Neither the standard library, nor an installed package, nor this one."""
    assert expected == is_own_file(path)


def test_a_module_is_the_users_by_its_file() -> None:
    """The notebook itself is."""
    found = [is_own_module(name, MODULES) for name in ("__main__", "own_model", "json", "no_such_module", None)]
    assert [True, True, False, False, False] == found


def test_no_code_of_a_metaclass_runs() -> None:
    """Its classes are read like any other."""
    assert not is_own_class(Guarded, {})
    assert __name__ == dict_of(Guarded)["__module__"]


def test_functions_and_classes_lead_to_their_modules() -> None:
    """`from own_model import draw` binds no module."""

    def draw() -> None: ...

    draw.__module__ = "own_model"
    assert {"own_model": OWN} == modules_behind({"draw": draw, "loads": json.loads, "x": 1, "P": Path}, MODULES)
