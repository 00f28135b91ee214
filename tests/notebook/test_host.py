"""`notebook_path`, `session_name`: which notebook this is."""

from __future__ import annotations

import pytest

from ithtel.notebook.host import notebook_path, session_name


@pytest.mark.parametrize(
    ("namespace", "environ"),
    [
        ({"__vsc_ipynb_file__": "a.ipynb"}, {"JPY_SESSION_NAME": "b.ipynb"}),
        ({}, {"PAPERMILL_OUTPUT_PATH": "a.ipynb", "JPY_SESSION_NAME": "b.ipynb"}),
        ({}, {"JPY_SESSION_NAME": "a.ipynb"}),
    ],
)
def test_each_host_has_its_own_place(namespace: dict[str, object], environ: dict[str, str]) -> None:
    """VS Code, then papermill, then Jupyter's server."""
    assert "a.ipynb" == notebook_path(namespace, environ)


def test_what_is_not_a_notebook_is_ignored() -> None:
    """A console has a session name, too."""
    assert notebook_path({"__vsc_ipynb_file__": 3}, {"JPY_SESSION_NAME": "console-1"}) is None


def test_a_session_without_a_notebook_has_the_default_name() -> None:
    """As with nbclient."""
    assert ("notebook", "my_study") == (session_name(None), session_name("research/my study.ipynb"))
