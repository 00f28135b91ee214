"""`report_checks`: the results of checks in the formats that CI systems read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

import msgspec

from ithtel.replay.notebook_edit import line_of_cell
from ithtel.replay.notebook_file import code_indices, read_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ithtel.commands.replay.check import Checked

CheckFormat = Literal["text", "github", "junit", "json"]
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_checks(checks: Sequence[Checked], output: CheckFormat) -> str:
    """Return the results of checks as text.

    Args:
        checks: The results, one for each notebook.
        output: `text`; `github` for annotations of GitHub Actions at the cells of the notebook files; `junit` for an
            XML report that CI systems show as tests; `json` for everything, one object for each notebook.

    >>> report_checks([], "json")
    '[]'
    """
    match output:
        case "json":
            return msgspec.json.format(msgspec.json.encode([_plain(each) for each in checks]), indent=2).decode()
        case "junit":
            return _junit(checks)
        case "github":
            return "\n".join(line for each in checks for line in [each.text(), *_annotations(each)])
        case "text":
            return "\n".join(each.text() for each in checks)


def _plain(checked: Checked) -> dict[str, object]:
    found = msgspec.to_builtins(checked, enc_hook=lambda value: Path(value).as_posix())
    return {"path": checked.path.as_posix(), "is_good": checked.is_good, **dict(found)} | {
        "path": checked.path.as_posix()
    }


def _junit(checks: Sequence[Checked]) -> str:
    failures = sum(not each.is_good and each.outcome != "cannot" for each in checks)
    errors = sum(each.outcome == "cannot" for each in checks)
    counts = {"tests": str(len(checks)), "failures": str(failures), "errors": str(errors)}
    suite = ET.Element("testsuite", {"name": "ithtel check", **counts})
    for each in checks:
        where = {"classname": each.path.parent.as_posix(), "name": each.path.name, "file": each.path.as_posix()}
        case = ET.SubElement(suite, "testcase", where)
        if not each.is_good:
            tag = "error" if each.outcome == "cannot" else "failure"
            first, *_ = _xml_text(each.text()).splitlines()
            ET.SubElement(case, tag, {"message": first}).text = _xml_text(each.text())
    root = ET.Element("testsuites", counts)
    root.append(suite)
    ET.indent(root)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode")


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _annotations(checked: Checked) -> Iterator[str]:
    """Yield the commands of GitHub Actions that mark the cells of a notebook."""
    path = checked.path.as_posix()
    if checked.outcome == "cannot":
        yield _annotation("error", path, 1, "ithtel cannot check this notebook", checked.failure or "")
    if checked.outcome == "departs" and checked.difference is not None:
        for root in checked.difference.verdict.roots:
            cell = next((each for each in checked.difference.cells if each.label == root.label), None)
            place = None if cell is None else cell.b if cell.b is not None else cell.a
            details = [*root.evidence, *([each.detail for each in cell.departures] if cell is not None else ())]
            yield _annotation(
                "error", path, _line(checked.path, place), f"{root.label} departs: {root.cause}",
                "\n".join(dict.fromkeys([root.title, *details])),
            )  # fmt: skip
    for flaky in checked.flaky:
        title = f"{flaky.label} is not the same in every run: {flaky.cause}"
        yield _annotation("error", path, _line(checked.path, flaky.place), title, flaky.text())


def _line(path: Path, place: int | None) -> int:
    """Return the line of the notebook file where the cell of a place begins; 1 if it is unknown."""
    try:
        indices = code_indices(read_notebook(path))
        return line_of_cell(path.read_text(encoding="utf-8"), indices[place - 1]) if place else 1
    except (OSError, ValueError, IndexError):
        return 1


def _annotation(level: str, path: str, line: int, title: str, text: str) -> str:
    """Return a workflow command; its parts are escaped as GitHub's own toolkit does."""
    properties = {"file": path, "line": str(line), "title": title}
    joined = ",".join(f"{name}={_escaped(value, is_property=True)}" for name, value in properties.items())
    return f"::{level} {joined}::{_escaped(text, is_property=False)}"


def _escaped(text: str, *, is_property: bool) -> str:
    found = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return found.replace(":", "%3A").replace(",", "%2C") if is_property else found
