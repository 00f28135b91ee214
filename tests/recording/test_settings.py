"""Settings: where they come from, and which are refused."""

from __future__ import annotations

import pytest

import ithtel
from ithtel.errors import SettingError


def test_an_unknown_setting_is_refused() -> None:
    """With the near miss."""
    with pytest.raises(SettingError, match=r"no setting 'levle' \(did you mean 'level'\?\)"):
        ithtel.start("a", levle="INFO")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument goes before `ITHTEL_…`, that before the default."""
    monkeypatch.setenv("ITHTEL_ENV", "production")
    monkeypatch.setenv("ITHTEL_LEVEL", "info")
    session = ithtel.start("a", level="WARNING")
    assert ("production", "WARNING") == (session.settings.env, session.settings.level)


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which setting, and what was given."""
    monkeypatch.setenv("ITHTEL_GIT", "maybe")
    with pytest.raises(SettingError, match="'git' does not take 'maybe'"):
        ithtel.start("a")
