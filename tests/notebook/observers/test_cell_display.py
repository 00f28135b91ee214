"""`CellDisplay`: the outputs of a cell as they stand below it."""

from __future__ import annotations

from ithtel.notebook.observers.cell_display import CellDisplay, contents


def test_output_of_papers_and_pictures() -> None:
    """The digest of a picture is that of its bytes, in base64 or not; that of JSON ignores the order of keys."""
    assert contents({"image/png": b"\x89PNG"}) == contents({"image/png": "iVBORw=="})
    assert contents({"application/json": {"a": 1, "b": 2}}) == contents({"application/json": {"b": 2, "a": 1}})


def texts(display: CellDisplay) -> list[tuple[str, str | None]]:
    """Return kind and text of each output."""
    return [(event.kind, event.text) for event in display.events(1, with_text=True)]


def test_outputs_are_in_order_and_a_stream_is_one() -> None:
    """A display between two chunks of a stream does not divide the stream."""
    display = CellDisplay()
    display.write("stdout", "a")
    display.show("display", {"text/plain": "picture"})
    display.write("stdout", "b")
    assert [("stdout", "ab"), ("display", "picture")] == texts(display)


def test_an_update_replaces_the_display_of_the_same_id() -> None:
    """Other displays are not changed."""
    display = CellDisplay()
    display.show("display", {"text/plain": "old"}, "x")
    display.show("display", {"text/plain": "other"}, "y")
    display.show("display", {"text/plain": "new"}, "x", update=True)
    assert [("display", "new"), ("display", "other")] == texts(display)


def test_clearing_with_wait_takes_effect_at_the_next_output() -> None:
    """If no output follows, the earlier ones stay."""
    display = CellDisplay()
    display.write("stdout", "first")
    display.clear(wait=True)
    assert [("stdout", "first")] == texts(display)
    display.write("stdout", "second")
    assert [("stdout", "second")] == texts(display)


def test_text_is_left_out_on_request() -> None:
    """The digests are still recorded."""
    display = CellDisplay()
    display.show("result", {"text/plain": "42"})
    (event,) = display.events(1, with_text=False)
    assert (None, 2) == (event.text, event.mime["text/plain"].size_bytes)


def test_only_images_are_kept() -> None:
    """The bytes are kept, not the base64."""
    kept: list[bytes] = []
    contents({"image/png": "iVBORw==", "text/plain": "picture"}, kept.append)
    assert [b"\x89PNG"] == kept
