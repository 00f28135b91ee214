"""`contacts_of`, `names_program`: what two runs of a cell asked outside, as evidence for a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events.reproducibility import contact_text

if TYPE_CHECKING:
    from ithtel.reading.history.values import Execution


def contacts_of(a: Execution, b: Execution) -> dict[str, str]:
    """Return the contacts of two runs of a cell: the target with the sentence that says who asked.

    A contact of only one of the runs is named as such, and comes first.
    """
    ours, theirs = _sentences(a), _sentences(b)
    only_a = {key: f"{ours[key]} in the first session only" for key in ours if key not in theirs}
    only_b = {key: f"{theirs[key]} in the second session only" for key in theirs if key not in ours}
    both = {key: f"{ours[key]}, and {_answer(key, a, b)}" for key in ours if key in theirs}
    return {key[1] or key[0]: sentence for key, sentence in (only_a | only_b | both).items()}


def names_program(text: str, execution: Execution) -> bool:
    """Return whether the message of an error names a program that the cell tried to run."""
    programs = [each.target.partition(" ")[0].strip("'") for each in execution.contacts if each.kind == "program"]
    missing = text.rpartition(": ")[2].strip("'\"").replace("\\", "/").rpartition("/")[2]
    return missing in programs


def _answer(key: tuple[str, str], a: Execution, b: Execution) -> str:
    """Return what is known of the answers to a question of both runs."""
    kind, target = key
    given = [[each.text for each in run.answers if " ".join(each.prompt.split()) == target] for run in (a, b)]
    if kind != "input" or None in given[0] + given[1] or [] in given:
        return "its answer is not recorded"
    return "the answers were the same" if given[0] == given[1] else f"the answers were {given[0]} and {given[1]}"


def _sentences(execution: Execution) -> dict[tuple[str, str], str]:
    return {
        (each.kind, each.target): f"{each.owner or 'the cell'} {contact_text(each.kind, [each.target])}"
        for each in execution.contacts
    }
