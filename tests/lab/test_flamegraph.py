"""The flamegraph in a browser: as a file, and below a cell in JupyterLab."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.profiling.frames import Frame
from ithtel.profiling.profile import Profile
from ithtel.profiling.stacks import Stacks

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from conftest import Lab  # type: ignore[attr-defined]

pytestmark = pytest.mark.lab
NOTEBOOK = Path(__file__).parents[2] / "notebooks/07-profiling.ipynb"


def own(function: str) -> Frame:
    """Return a frame of the user's own."""
    return Frame(function, "hot.py", 1, "own")


STACKS = Stacks({(own("main"), own("burn"), own("inner")): 70, (own("main"), own("load")): 30})
PROFILE = Profile(stacks=STACKS, target="a program", rate_hz=100, duration_s=1.0, sampler="py-spy")


def width(frame: Locator) -> float:
    """Return how wide a frame is drawn."""
    box = frame.locator("rect").bounding_box()
    return 0.0 if box is None else box["width"]


@pytest.fixture
def drawn(page: Page) -> Page:
    """The flamegraph as a page, and no error in it."""
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_content(f"<!doctype html><body style='margin:0'>{PROFILE.svg()}")
    page.wait_for_selector("input[type=search]")
    assert failures == []
    return page


def test_widths_are_samples(drawn: Page) -> None:
    """On the whole width of the page."""
    whole = width(drawn.locator(".frame", has_text="main").first)
    assert whole == pytest.approx(1280, abs=2)
    assert width(drawn.locator(".frame", has_text="burn").first) == pytest.approx(0.7 * whole, abs=2)


def test_a_click_widens_a_function_and_escape_goes_back(drawn: Page) -> None:
    """What it does not lie on is away meanwhile."""
    load = drawn.locator(".frame", has_text="load").first
    before = width(load)
    load.click()
    assert width(load) == pytest.approx(1280, abs=2)
    assert not drawn.locator(".frame", has_text="burn").first.is_visible()
    drawn.keyboard.press("Escape")
    assert width(load) == pytest.approx(before, abs=2)


def test_a_function_is_found(drawn: Page) -> None:
    """By a part of its name or file; its share is shown, what lies on it counted once."""
    drawn.keyboard.press("/")
    drawn.keyboard.type("BUR")
    assert drawn.locator(".found").count() == 1
    assert drawn.get_by_text("1 frame, 70.0 % of 100 samples").is_visible()
    drawn.locator("input").fill("hot.py")
    assert drawn.get_by_text("4 frames, 100.0 % of 100 samples").is_visible()


def test_it_works_by_keyboard(drawn: Page) -> None:
    """Tab to a frame, Enter."""
    load = drawn.locator(".frame", has_text="load").first
    load.focus()
    drawn.keyboard.press("Enter")
    assert width(load) == pytest.approx(1280, abs=2)


def test_it_is_dark_in_the_dark(drawn: Page) -> None:
    """As the browser prefers."""
    fill = "getComputedStyle(document.querySelector('.paper')).fill"
    assert drawn.evaluate(fill) == "rgb(255, 255, 255)"
    drawn.emulate_media(color_scheme="dark")
    assert drawn.evaluate(fill) == "rgb(17, 17, 17)"


def test_below_a_cell_it_can_be_searched(lab: Lab, page: Page) -> None:
    """In a document of its own; below it stands the table."""
    shutil.copy(NOTEBOOK, lab.root / "flame.ipynb")
    lab.open(page, "flame.ipynb")
    lab.run_all(page)
    frame = page.frame_locator(".jp-OutputArea iframe").first
    frame.locator("input[type=search]").fill("drawdown")
    assert frame.locator(".found").count() >= 1
    assert page.locator(".jp-OutputArea table", has_text="drawdown").count() >= 1
