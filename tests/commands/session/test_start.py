"""Starting a session in a script, explicitly or by the first call that needs one."""

from __future__ import annotations

from pathlib import Path

import pytest

import ithtel
from ithtel.commands.session.start import SCRIPT, in_a_session, running_session
from ithtel.errors import InputError, SettingError


def test_a_session_records_to_a_file_of_its_name() -> None:
    """And ends with its block."""
    with ithtel.start("demo") as session:
        assert session is ithtel.current()
        assert Path("logs/ndjson/demo.jsonl").resolve() == Path(session.path or "").resolve()
    assert ithtel.current() is None


def test_without_a_session_one_is_started() -> None:
    """Named `script`; a running one is used."""
    session = running_session()
    assert SCRIPT == session.name
    assert session is running_session()


def test_a_decorated_function_runs_in_a_session() -> None:
    """Its result is unchanged."""

    @in_a_session
    def twice(n: int) -> int:
        assert ithtel.current() is not None
        return 2 * n

    assert 14 == twice(7)


def test_wrong_names_and_settings_are_refused() -> None:
    """Before anything is created."""
    with pytest.raises(SettingError, match="no_such_setting"):
        ithtel.start("demo", no_such_setting=1)
    with pytest.raises(InputError):
        ithtel.start("")
    assert not Path("logs").exists()


def test_scipy_is_captured_until_the_session_ends() -> None:
    """On request."""
    from scipy import stats

    with ithtel.start("demo", capture="scipy") as session:
        stats.ttest_1samp([1.0, 2.0, 3.0, 4.0], 2.0)
        kinds = [record.event_type for record in ithtel.read(session.path or "")]
    assert "hypothesis.result" in kinds or len(kinds) > 1
