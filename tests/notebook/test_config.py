"""`IthTel`: the settings as IPython's configuration knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.notebook.config import IthTel
from ithtel.recording.settings import Settings
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_the_configuration_mirrors_the_settings() -> None:
    """Every setting is a trait with the same default and help."""
    traits = IthTel.class_own_traits(config=True)
    assert set(Settings.__struct_fields__) == set(traits)
    assert Settings() == IthTel().settings()


def test_the_configuration_is_used(bare: InteractiveShell) -> None:
    """`c.IthTel.env` reaches the session."""
    bare.config.IthTel.env = "research"
    run(bare, "%load_ext ithtel")
    assert "research" == recorded("session.start")[0]["config"]["env"]
