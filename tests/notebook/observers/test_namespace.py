"""`Namespace`: the variables that a cell used, made and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions import last, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_what_is_bound_without_being_named_is_seen(shell: InteractiveShell) -> None:
    """Names bound or removed through `exec` and `globals()` are found."""
    run(shell, "exec('hidden = 1'); globals()['other'] = 2")
    assert ["hidden", "other"] == last("cell.end")["writes"]
    run(shell, "globals().pop('other')\ndel hidden")
    assert ["hidden", "other"] == last("cell.end")["deletes"]


def test_a_star_import_is_not_written_out(shell: InteractiveShell) -> None:
    """The imported names do not count as made by the cell."""
    run(shell, "from math import *\ny = pi")
    assert ["y"] == last("cell.end")["writes"]


def test_what_a_shell_command_leaves_is_not_the_users(shell: InteractiveShell) -> None:
    """IPython stores the exit code in the namespace."""
    run(shell, "!true")
    assert "_exit_code" in shell.user_ns
    assert [] == last("cell.end")["writes"]


def test_a_failed_cell_says_what_it_did_bind(shell: InteractiveShell) -> None:
    """Names after the failure do not count."""
    run(shell, "first = 1\n1 / 0\nsecond = 2")
    assert ["first"] == last("cell.end")["writes"]


def test_only_existing_variables_are_read(shell: InteractiveShell) -> None:
    """Names of builtins and names that the cell itself makes are not inputs."""
    run(shell, "a = [1]")
    run(shell, "b = len(a); c = b")
    assert ["a"] == last("cell.end")["reads"]


def test_a_name_bound_again_to_the_same_object_is_written(shell: InteractiveShell) -> None:
    """The text of the cell says so."""
    run(shell, "a = None")
    run(shell, "a = None")
    assert ["a"] == last("cell.end")["writes"]
