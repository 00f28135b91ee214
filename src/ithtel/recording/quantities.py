"""`bytes_of`, `seconds_of`, `needed_bytes`: amounts as people write them, `10 MB` or `30 days`."""

from __future__ import annotations

import re

from ithtel.errors import SettingError

_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400,
    "w": 604800, "week": 604800, "month": 2629746, "year": 31556952,
}  # fmt: skip
_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")


def bytes_of(text: str) -> int | None:
    """Return a number of bytes, None if `text` is not one.

    >>> bytes_of("10 MB"), bytes_of("512"), bytes_of("1 day")
    (10000000, 512, None)
    """
    match = _AMOUNT.fullmatch(text)
    factor = _BYTES.get(match[2].lower()) if match else None
    return None if match is None or factor is None else int(float(match[1]) * factor)


def seconds_of(text: str) -> float | None:
    """Return a duration in seconds, None if `text` is not one.

    >>> seconds_of("2 h"), seconds_of("30 days"), seconds_of("10 MB")
    (7200.0, 2592000.0, None)
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    unit = match[2].lower()
    factor = _SECONDS.get(unit) or _SECONDS.get(unit.removesuffix("s"))
    return None if factor is None else float(match[1]) * factor


def needed_bytes(name: str, text: str) -> int | None:
    """Return the number of bytes that the setting `name` gives, None if it is empty.

    Raises:
        SettingError: It is not a number of bytes.
    """
    if not text.strip():
        return None
    amount = bytes_of(text)
    if amount is None:
        raise SettingError(f"setting {name!r} does not take {text!r}: expected an amount such as '100 MB'")
    return amount
