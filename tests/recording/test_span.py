"""The cell run in progress, for the cell itself, its tasks and its threads."""

from __future__ import annotations

import contextvars
import threading

from ithtel.recording.span import current_span, enter_span, leave_span


def test_threads_belong_to_the_cell_that_began_last() -> None:
    """They have no context of their own, and none once the cell has ended."""
    seen: list[str | None] = []

    def look() -> None:
        thread = threading.Thread(target=lambda: seen.append(current_span()))
        thread.start()
        thread.join()

    def cell() -> None:
        enter_span("a")
        look()
        leave_span("a")
        look()

    contextvars.copy_context().run(cell)
    assert ["a", None] == seen


def test_a_task_keeps_the_cell_that_created_it() -> None:
    """Another cell that begins meanwhile does not change that."""

    def cells() -> None:
        enter_span("a")
        task = contextvars.copy_context()
        enter_span("b")
        assert ("a", "b") == (task.run(current_span), current_span())
        leave_span("b")

    contextvars.copy_context().run(cells)
    assert current_span() is None
