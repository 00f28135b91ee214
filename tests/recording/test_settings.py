"""Settings: where they come from, and which are refused."""

from __future__ import annotations

import pytest

import ithtel
from ithtel.errors import SettingError


def test_an_unknown_setting_is_refused() -> None:
    """The error suggests the closest name."""
    with pytest.raises(SettingError, match=r"no setting 'levle' \(did you mean 'level'\?\)"):
        ithtel.start("a", levle="INFO")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument takes precedence over `ITHTEL_…`, and that over the default."""
    monkeypatch.setenv("ITHTEL_ENV", "production")
    monkeypatch.setenv("ITHTEL_LEVEL", "info")
    session = ithtel.start("a", level="WARNING")
    assert ("production", "WARNING") == (session.settings.env, session.settings.level)


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the setting and the value."""
    monkeypatch.setenv("ITHTEL_GIT", "maybe")
    with pytest.raises(SettingError, match="'git' does not take 'maybe'"):
        ithtel.start("a")
