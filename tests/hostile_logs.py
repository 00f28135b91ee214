"""Logs that somebody else may have written: lines of every event, with any field replaced and any bytes changed."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

PAGE = Path(__file__).parents[1] / "docs/LOGGING.md"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would obey."""
SESSION = "sess_20260125_120000_3f9a1c"
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, -(2**70), 10**400, 1e308, -1e308, 5e-324, "", "x" * 3000, "\x1b]52;c;aGk=\x07\x1b[2J",
    "\u202egnp.exe\u2066",
    "\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\", "$\\frac{", "[red]x[/red][/]",
    "=cmd|'/C calc'!A0", "@SUM(A1)", "\t=1", "../../../../etc/passwd", "/dev/zero", "C:\\x", "~/x", "\ud800", "\x00",
    "9999-12-31T23:59:59.999999Z",
    "10000-01-01T00:00:00.000000Z", "javascript:alert(1)", "<script>alert(1)</script>", "sha256:../..",
    [], {}, [[]], [{}],
    {"$path": "../x"}, {"a": [1, {"b": None}]}, [1e308, -1e308, None], ["\x1b[0m"] * 3,
    "bull", "2026-01-25", "NaN", "a\nb\r\n",
)  # fmt: skip
RAW = (b"1e999", b"NaN", b"-0", b'"\xff\xfe"', b'"\\ud800"', b"[" * 10_000, b'{"a":' * 5_000, b"1" * 5_000, b"'")
SEQUENCE = (b"\r", b"\x00", b"\xff", b"\n", b"\x1b[2J", b"\xef\xbb\xbf", b'{"ts":"', b"}", b'"')


@cache
def lines() -> tuple[str, ...]:
    """Return the example of each event in docs/LOGGING.md, as lines of one session in the order of the page."""
    found = [json.loads(line) for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith('{"ts"')]
    kinds = [each["context"].get("event_type", "") for each in found]
    order = sorted(range(len(found)), key=lambda n: (kinds[n] != "session.start", kinds[n] == "session.end", n))
    made = []
    for seq, n in enumerate(order):
        found[n]["provenance"]["session_id"] = SESSION
        if "session_id" in found[n]["context"]:
            found[n]["context"]["session_id"] = SESSION
        made.append(json.dumps(found[n] | {"pid": 1, "seq": seq, "span_id": f"{1 + n // 6:016x}"}))
    return tuple(made)


def hostile_log(chance: random.Random) -> bytes:
    """Return a log in which some fields, lines or bytes are not as any session writes them."""
    text = [line.encode() for line in lines()]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        how = chance.random()
        if how < 0.75:
            text[at] = _with_odd_field(text[at], chance)
        elif how < 0.85:
            cut = chance.randrange(len(text[at]) + 1)
            text[at] = text[at][:cut] + chance.choice(SEQUENCE) + text[at][cut + chance.randrange(3) :]
        elif how < 0.95:
            other = chance.randrange(len(text))
            text[at], text[other] = text[other], text[at]
        else:
            text.insert(at, text[chance.randrange(len(text))])
    return b"\n".join(text) + b"\n" * chance.randrange(2)


def _with_odd_field(line: bytes, chance: random.Random) -> bytes:
    """Replace one value anywhere in a line by an odd one."""
    try:
        tree = json.loads(line)
    except (ValueError, RecursionError):
        return line
    holders = [holder for holder in _holders(tree) if holder]
    if not holders:
        return line
    holder = chance.choice(holders)
    key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    if chance.random() < 0.15:
        holder[key] = "@@raw@@"
        return json.dumps(tree).encode().replace(b'"@@raw@@"', chance.choice(RAW))
    if isinstance(holder, dict) and chance.random() < 0.1:
        holder[chance.choice(["\x1b[2J", "../x", "", "=1"])] = holder.pop(key)
    else:
        holder[key] = chance.choice(ODD)
    try:
        return json.dumps(tree, ensure_ascii=chance.random() < 0.5).encode()
    except UnicodeEncodeError:
        return json.dumps(tree).encode()


def _holders(tree: Any) -> list[Any]:
    inner = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    own = [tree] if isinstance(tree, (dict, list)) else []
    return own + [each for part in inner for each in _holders(part)]
