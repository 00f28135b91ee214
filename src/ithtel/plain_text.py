"""`number`, `cell`, `count`, `place`, `message`: one wording for every display.

The text is the same on every machine and in every run: no absolute paths, no addresses, six significant digits.
`numbers_apart` and `texts_apart` show what distinguishes two values, with as many digits as that takes.
"""

from __future__ import annotations

import functools
import math
import re
import struct
import unicodedata
from itertools import zip_longest

# `/home/ann/data/nav.csv` and `C:\Users\ann\nav.csv`, not `a/b` nor `https://host/a/b`
_ABSOLUTE = re.compile(r"(?<![\w/.:~\-)\]}])(?:~|[A-Za-z]:)?[/\\](?:[^\s/\\'\"<>|:,;()]+[/\\])*([^\s/\\'\"<>|:,;()]+)")
_REPR_PART = re.compile(
    r"(?P<opens>(?:<|&lt;)(?=[A-Za-z_]))|(?P<closes>(?<![-=])(?:>|&gt;))"
    r"|(?<= at )(?P<address>0x[0-9a-fA-F]{6,})\b(?P<ends>(?=>|&gt;))?"
)
"""What opens and closes the repr of an object, also in HTML, and an address; `->` and `=>` close nothing."""
_LONG_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:[eE][+-]?\d+)?(?![\w.])")


MISSING = "–"
"""What displays show for a value that does not exist."""
NOTHING = "(nothing)"
"""What displays show for an empty text beside another."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""The categories of Unicode whose characters are not shown but obeyed."""
_DIGITS = range(6, 18)
"""Significant digits that are tried, until two numbers differ; no two floats are equal in 17."""


def number(value: float | None, digits: int = 6) -> str:
    """Return `value` with at most `digits` significant digits, whole numbers in full, `–` for None.

    >>> number(0.1 + 0.2), number(12_345), number(None)
    ('0.3', '12,345', '–')
    """
    if value is None:
        return MISSING
    if isinstance(value, int):
        return f"{value:,d}" if abs(value) >= 10_000 else str(value)  # noqa: PLR2004
    return f"{value:.{digits}g}"


def numbers_apart(a: float | None, b: float | None) -> tuple[str, str]:
    """Return two numbers with as many significant digits as show that they differ: 6 to 17, else the bits.

    >>> numbers_apart(57.0, 0.5), numbers_apart(1.0, 1.00000001)
    (('57', '0.5'), ('1', '1.00000001'))
    """
    for digits in _DIGITS:
        one, other = number(a, digits), number(b, digits)
        if one != other:
            return one, other
    if isinstance(a, float) and isinstance(b, float):
        bits = [struct.pack(">d", each).hex() for each in (a, b)]
        return (one, other) if bits[0] == bits[1] else (f"{one} (bits {bits[0]})", f"{other} (bits {bits[1]})")
    return (one, other) if type(a) is type(b) else (repr(a), repr(b))


def cell(value: object, digits: int = 6) -> str:
    """Return `value` as a cell of a table: `–` for None and NaN, `yes` and `no`, integers without separators.

    >>> cell(0.123456789), cell(float("nan")), cell(True), cell(12_345)
    ('0.123457', '–', 'yes', '12345')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value, digits) if isinstance(value, float) else str(value)


def count(n: int, noun: str) -> str:
    """Return a number and its noun.

    >>> count(1, "cell"), count(12_000, "epoch")
    ('1 cell', '12,000 epochs')
    """
    return f"{number(n)} {noun}{'' if n == 1 else 's'}"


def source(text: str, length: int = 60) -> str:
    """Return the first line of a cell's source, without the folders of absolute paths.

    >>> source("df = read('/home/ann/data/nav.csv')")
    "df = read('…/nav.csv')"
    >>> source("y = (x.sum())/len(x) + x[0]/2.5")
    'y = (x.sum())/len(x) + x[0]/2.5'
    """
    return short(_ABSOLUTE.sub(r"…/\1", short(text, 500)), length)


def message(text: str, length: int = 80, digits: int = 6) -> str:
    """Return the first line of a message, without addresses, absolute paths and digits that differ between runs.

    >>> message("lost <Thing at 0x7f3a5c001d30> after 0.123456789 of /tmp/x/y.csv")
    'lost <Thing at 0x…> after 0.123457 of …/y.csv'
    """
    line = without_addresses(source(text, 500))
    return short(_LONG_NUMBER.sub(lambda found: number(float(found[0]), digits), line), length)


def texts_apart(a: str, b: str, length: int = 40) -> tuple[str, str] | None:
    """Return the first lines in which two texts differ as messages, else the parts that differ, quoted.

    None if they differ in nothing but addresses, folders of absolute paths and the ends of lines.

    >>> texts_apart("mean 0.12345678", "mean 0.12345679")
    ('mean 0.12345678', 'mean 0.12345679')
    """
    for lines in zip_longest(a.splitlines(), b.splitlines(), fillvalue=""):
        plain = [without_locations(line) for line in lines]
        if plain[0] == plain[1]:
            continue
        for digits in _DIGITS:
            one, other = (message(line, length, digits) or NOTHING for line in lines)
            if one != other and NOTHING not in lines:
                return one, other
        same = next((n for n, (x, y) in enumerate(zip_longest(*plain)) if x != y), 0)
        start = max(same - length // 2, 0)
        one, other = (repr("…" * bool(start) + line[start : start + length]) for line in plain)
        return one, other
    return None


def without_addresses(text: str) -> str:
    """Return a text with the memory addresses in reprs of objects replaced by `0x…`; other numbers are results.

    >>> without_addresses("[<Line2D at 0x7f3a5c001d30>] 0xbc614e")
    '[<Line2D at 0x…>] 0xbc614e'
    """
    if " at 0x" not in text:
        return text
    return "\n".join(_line_without_addresses(line) if " at 0x" in line else line for line in text.split("\n"))


def _line_without_addresses(line: str) -> str:
    depth = 0

    def replaced(part: re.Match[str]) -> str:
        nonlocal depth
        if part["address"] is not None:
            return "0x…" if depth or part["ends"] is not None else part[0]
        depth = depth + 1 if part["opens"] else max(depth - 1, 0)
        return part[0]

    return _REPR_PART.sub(replaced, line)


def without_locations(text: str) -> str:
    """Return a text without addresses and without the folders of absolute paths: the same in any process and folder.

    >>> without_locations("<Thing at 0x7f3a5c001d30> of /tmp/x/y.csv: 0.123456789")
    '<Thing at 0x…> of …/y.csv: 0.123456789'
    """
    return without_addresses(_ABSOLUTE.sub(r"…/\1", text))


def place(path: str) -> str:
    """Return a data source for display: the file name of an absolute path, anything else unchanged.

    >>> place("/home/ann/nav.csv"), place("data/nav.csv"), place("synthetic:student_t5")
    ('nav.csv', 'data/nav.csv', 'synthetic:student_t5')
    """
    return re.split(r"[/\\]", path)[-1] if re.match(r"~|/|[A-Za-z]:[/\\]", path) else path


def visible(text: str) -> str:
    r"""Return `text` with its control, bidirectional and invisible characters escaped; line feeds and tabs are kept.

    A terminal obeys such characters: they can overwrite what was printed, set the clipboard, or reverse an order. Those
    beyond ASCII are escaped as in JSON.

    >>> visible("a\x1b[2Kb\r\u202e c"), visible("naïve, 数据\tok")
    ('a\\x1b[2Kb\\r\\u202e c', 'naïve, 数据\tok')
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


@functools.cache
def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _UNSEEN:
        return character
    if character == "\r":
        return "\\r"
    code = ord(character)
    if code < 0x7F:  # noqa: PLR2004 - DEL, which JSON does not escape
        return f"\\x{code:02x}"
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def short(text: str, length: int = 60) -> str:
    """Return the first line of `text`, cut to `length` characters."""
    line = text.lstrip().partition("\n")[0].rstrip()
    return line if len(line) <= length else line[: length - 1] + "…"
