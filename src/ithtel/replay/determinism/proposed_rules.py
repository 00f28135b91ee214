"""`proposed_rules`: the rules of nbval's sanitizer that make the texts of two runs equal.

Parts of known shape (times, durations, addresses, identifiers, temporary paths, process numbers) become the regular
expression of their shape, so that a rule still holds tomorrow.
"""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from ithtel.replay.determinism.sanitizing import Rule, sanitize

REPLACED = "VOLATILE"
MAX_RULES = 5
"""For one cell; with more volatile lines, ignoring its output is the better fix."""
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
SHAPES: dict[str, str] = {
    "timestamp": r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?",
    "date": (
        rf"(?:\d{{4}}[-/]\d{{2}}[-/]\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}|(?:{_DAY},? )?\d{{1,2}} {_MONTH} \d{{4}}"
        rf"|(?:{_DAY},? )?{_MONTH} +\d{{1,2}}(?:,? \d{{4}})?)"
    ),
    "clock": r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?(?: ?[AP]M)?",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "address": r"0x[0-9a-fA-F]{6,16}",
    "temporary path": r"(?:/tmp|/var/folders|[A-Z]:\\[^\s'\"]*\\Temp)[^\s'\":,)]*",
    "epoch": r"1[6-9]\d{8}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?",
    "duration": r"\d+(?:\.\d+)?(?:e[+-]?\d+)? ?(?:ns|µs|μs|us|ms|s|sec|secs|seconds|min|minutes)\b",
    "number": r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?",
}
"""The shapes of volatile parts of a text, the longest first."""
_FOLLOWS_THE_CLOCK = frozenset({"timestamp", "date", "clock", "epoch"})
"""Shapes that hold the present: equal in two runs of one minute, and different tomorrow."""
_PARTS = re.compile(
    "|".join(rf"(?<![\w.])(?P<s{n}>{regex})(?!\w)" for n, regex in enumerate(SHAPES.values())) + r"|\w+|\W"
)


class Part(NamedTuple):
    """A part of a line: its shape if that is known, and its text."""

    shape: str | None
    text: str

    @property
    def key(self) -> str:
        """What a part is aligned by."""
        return self.text if self.shape is None else f"\0{self.shape}"

    @property
    def regex(self) -> str:
        """The regular expression of its shape, else its own text."""
        return re.escape(self.text) if self.shape is None else SHAPES[self.shape]


def proposed_rules(one: str, other: str, known: list[Rule] | None = None) -> list[Rule]:
    r"""Return at most `MAX_RULES` rules that make the texts of two runs equal, none if there are no such rules.

    Args:
        one: The text of a run.
        other: That of another run.
        known: Rules that apply already.

    >>> proposed_rules("done at 13:37:34", "done at 13:37:36")[0].regex
    'done\\ at\\ \\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d+)?(?: ?[AP]M)?'
    """
    rules: list[Rule] = []
    ours, theirs = (sanitize(text, known or []) for text in (one, other))
    while ours != theirs:
        pattern = _pattern(ours, theirs)
        if pattern is None or len(rules) == MAX_RULES:
            return []
        rules.append(Rule(pattern, REPLACED))
        ours, theirs = (sanitize(text, rules[-1:]) for text in (ours, theirs))
    return rules


def _pattern(one: str, other: str) -> str | None:
    """Return a regular expression for the first line that differs, None if it would match nearly anything."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    ours, theirs = next(((a, b) for a, b in pairs if a != b), ("", ""))
    a, b = _split(ours), _split(theirs)
    found, is_specific = [], False
    matcher = difflib.SequenceMatcher(a=[part.key for part in a], b=[part.key for part in b], autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind != "equal":
            found.append(_any(a[a0:a1] + b[b0:b1], is_last=b1 == len(b)))
            continue
        for mine, yours in zip(a[a0:a1], b[b0:b1], strict=True):
            if mine.text == yours.text and mine.shape not in _FOLLOWS_THE_CLOCK:
                found.append(re.escape(mine.text))
                is_specific = is_specific or bool(mine.text.strip())
            else:
                found.append(mine.regex)
                is_specific = is_specific or mine.shape != "number"
    pattern = "".join(found)
    return pattern if is_specific and ours and all(re.fullmatch(pattern, line) for line in (ours, theirs)) else None


def _split(line: str) -> list[Part]:
    names = list(SHAPES)
    return [
        Part(None if found.lastgroup is None else names[int(found.lastgroup[1:])], found[0])
        for found in _PARTS.finditer(line)
    ]


def _any(parts: list[Part], *, is_last: bool) -> str:
    """Return a regular expression for parts that do not correspond."""
    if re.fullmatch(r"[\d.eE+-]+", "".join(part.text for part in parts)):
        return r"[\d.eE+-]+"
    return r".+" if is_last else r".+?"
