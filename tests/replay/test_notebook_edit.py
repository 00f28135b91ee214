"""Changing a notebook's file, and nothing else in it."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from ithtel.errors import DataError
from ithtel.replay.notebook_edit import add_tag, insert_cell

TAG = "nbval-ignore-output"


def text_of(*, indent: int | None = 1, tags: list[str] | None = None, n: int = 3) -> str:
    """Return the text of a notebook."""
    cells = [v4.new_code_cell(f'x = "é\\n{i}"', id=f"c{i}", metadata={"tags": tags} if tags else {}) for i in range(n)]
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# T", id="m"), *cells])
    return json.dumps(notebook, indent=indent, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("indent", [1, 2, None])
@pytest.mark.parametrize("tags", [None, ["one"], ["one", "two"]])
def test_a_tag_is_added_as_json_would_write_it(indent: int | None, tags: list[str] | None) -> None:
    """The very bytes that a program would have written that changed nothing else."""
    text = text_of(indent=indent, tags=tags)
    notebook = json.loads(text)
    notebook["cells"][2]["metadata"].setdefault("tags", []).append(TAG)
    assert json.dumps(notebook, indent=indent, ensure_ascii=False) + "\n" == add_tag(text, 2, TAG)


@pytest.mark.parametrize("indent", [1, 2, None])
def test_a_cell_is_put_in_as_json_would_write_it(indent: int | None) -> None:
    """Before the one that is named."""
    text = text_of(indent=indent)
    changed = insert_cell(text, 1, "%seed 42", "seed")
    notebook = json.loads(changed)
    assert ["# T", "%seed 42"] == ["".join(cell["source"]) for cell in notebook["cells"][:2]]
    assert json.dumps(notebook, indent=indent, ensure_ascii=False) + "\n" == changed
    nbformat.validate(nbformat.reads(changed, as_version=4))


def test_a_tag_that_is_there_is_not_added() -> None:
    """Nothing changes."""
    text = text_of(tags=[TAG])
    assert text == add_tag(text, 1, TAG)


@given(st.integers(0, 3), st.sampled_from([1, 2, 4, None]), st.booleans())
def test_what_else_is_there_stays(index: int, indent: int | None, has_tags: bool) -> None:
    """Byte for byte: what is taken out again leaves what was."""
    text = text_of(indent=indent, tags=["one"] if has_tags else None)
    changed = add_tag(text, index, TAG)
    notebook = json.loads(changed)
    tags = notebook["cells"][index]["metadata"]["tags"]
    tags.remove(TAG)
    if not tags:
        del notebook["cells"][index]["metadata"]["tags"]
    assert json.loads(text) == notebook
    prefix = len(text.partition('"metadata"')[0])
    assert text[:prefix] == changed[:prefix]


@pytest.mark.parametrize(("text", "index"), [("nonsense", 0), ("{}", 0), (text_of(), 9), ("[1]", 0)])
def test_what_is_no_notebook_is_said(text: str, index: int) -> None:
    """As a data error."""
    with pytest.raises(DataError):
        add_tag(text, index, TAG)
