"""Classes of packages are recognized without importing the packages."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from decimal import Decimal

from ithtel.provenance.fp1.loaded import classes, is_a, type_name


class Lying:
    """Claims to be another class."""

    __class__ = OrderedDict  # type: ignore[assignment]


def test_a_subclass_counts() -> None:
    """By the method resolution order, not by `__class__`."""

    class Own(OrderedDict[str, int]):
        pass

    assert [True, True, False, False] == [  # type: ignore[var-annotated]
        is_a(value, "collections", "OrderedDict", "NoSuchClass") for value in (OrderedDict(), Own(), {}, Lying())
    ]


def test_a_package_that_is_not_loaded_has_no_classes() -> None:
    """And stays unloaded."""
    code = (
        "import sys; from ithtel.provenance.fp1.loaded import classes, is_a\n"
        "print(classes('colorsys', 'x'), is_a(1, 'colorsys', 'x'), 'colorsys' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "() False False\n" == done.stdout
    assert (OrderedDict,) == classes("collections", "OrderedDict", "deque_")


def test_names_of_types() -> None:
    """Builtins by name alone."""
    assert ["int", "decimal.Decimal"] == [type_name(int), type_name(Decimal)]
