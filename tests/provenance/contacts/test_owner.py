"""On whose behalf something outside is asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.provenance.contacts.owner import owner_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

INNERMOST = "import sys\ndef ask(): return sys._getframe()\n"


def module(name: str, source: str, **names: Any) -> dict[str, Any]:
    """Return the namespace of a made library module."""
    space: dict[str, Any] = {"__name__": name, **names}
    exec(compile(source, f"/x/site-packages/{name}.py", "exec"), space)  # noqa: S102 - ours
    return space


def owner(call: str, **names: Any) -> str | None:
    """Return the owner of what a cell with this text asks."""
    cell: dict[str, Any] = {"__name__": "__main__", **names}
    exec(compile(call, "<ipython-input-1>", "exec"), cell)  # noqa: S102 - ours
    frame: FrameType = cell["frame"]
    return owner_of(frame, cell)


@pytest.fixture
def get() -> Callable[[], FrameType]:
    """A function of a library, two deep."""
    inner = module("lib.connection", INNERMOST)
    return module("lib.api", "def get(): return ask()", ask=inner["ask"])["get"]


def test_the_function_that_the_cell_called(get: Callable[[], FrameType]) -> None:
    """Not the innermost one, which nobody knows."""
    assert "lib.api.get" == owner("frame = get()", get=get)


def test_it_bears_its_public_name(get: Callable[[], FrameType], monkeypatch: pytest.MonkeyPatch) -> None:
    """`requests.get`, not `requests.api.get`."""
    package = type(sys)("lib")
    package.get = get  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lib", package)
    assert "lib.get" == owner("frame = get()", get=get)


def test_a_function_of_the_cell_that_calls_a_library(get: Callable[[], FrameType]) -> None:
    """The library's function is named, whoever of the user's calls it."""
    assert "lib.api.get" == owner("def mine(): return get()\nframe = mine()", get=get)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("import sys; frame = sys._getframe()", "the cell"),
        ("import sys\ndef mine(): return sys._getframe()\nframe = mine()", "mine"),
    ],
)
def test_the_cell_itself(cell: str, expected: str) -> None:
    """Functions in C have no frame: the cell or its own function asks."""
    assert expected == owner(cell)


@pytest.mark.parametrize(
    "name", ["ithtel.provenance.git", "platform", "matplotlib.font_manager", "joblib.externals.loky.x"]
)
def test_what_is_asked_about_the_machine_is_nobodys(name: str) -> None:
    """Nor what ithtel asks git."""
    assert owner("frame = get()", get=module(name, INNERMOST.replace("ask", "get"))["get"]) is None


def test_what_an_import_asks_is_nobodys() -> None:
    """A library that asks while it is imported was not told to."""
    space: dict[str, Any] = {"__name__": "lib"}
    exec(compile(INNERMOST, "<frozen importlib._bootstrap>", "exec"), space)  # noqa: S102 - ours
    assert owner("frame = load()", load=space["ask"]) is None


@pytest.mark.parametrize(
    ("library", "expected"), [("ipykernel.iostream", None), ("requests_like", "requests_like.get")]
)
def test_a_thread_shows_nobody_of_the_users(library: str, expected: str | None) -> None:
    """Then the library decides: the front end's own threads do not count."""
    space = module(library, INNERMOST.replace("ask", "get"))

    class Frame:
        """A frame with nothing below it."""

        f_globals, f_code, f_back = space, space["get"].__code__, None

    assert expected == owner_of(Frame(), {})
