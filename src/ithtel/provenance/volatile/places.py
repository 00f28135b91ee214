"""`Places`: the folders that differ between a recording and its replay, and temporary names."""

from __future__ import annotations

import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ithtel.provenance.volatile.marks import Marks

_RANDOM = r"[a-z0-9_]{8}"
_TEMPORARY = re.compile(rf"(?<=[/\\])tmp{_RANDOM}(?![a-z0-9_])")
"""The names that `tempfile` gives."""


class Places(NamedTuple):
    """The folder of a session with those above it, the home folder, and the folder for temporary files."""

    folders: tuple[str, ...]
    temporary: str

    @property
    def within_temporary(self) -> tuple[str, ...]:
        """The folders of the session that lie in the folder for temporary files, as those of a test or a replay do."""
        return tuple(each for each in self.folders if each.startswith((f"{self.temporary}/", f"{self.temporary}\\")))

    @classmethod
    def now(cls) -> Places:
        """Return the places of this process as they are now.

        >>> Places.now().temporary == tempfile.gettempdir()
        True
        """
        try:
            folder = os.getcwd()  # noqa: PTH109 - Path.cwd() takes four times as long
        except OSError:
            folder = ""
        return _places(folder, os.environ.get("HOME") or os.environ.get("USERPROFILE") or "", tempfile.gettempdir())


@lru_cache(maxsize=16)
def _places(folder: str, home: str, temporary: str) -> Places:
    found = []
    for each in (folder, home, temporary):
        if each:
            real = os.path.realpath(each)
            found += [each, real]
            if each == folder:
                found += [str(above) for path in {each, real} for above in Path(path).parents]
    kept = {each for each in found if len(Path(each).parts) > 1}
    return Places(tuple(sorted(kept, key=lambda each: (-len(each), each))), temporary)


def without_places(text: str, marks: Marks, places: Places | None = None) -> str:
    r"""Return a text with the folders of this process and temporary names replaced.

    >>> from ithtel.provenance.volatile.marks import Marks
    >>> marks = Marks()
    >>> text = without_places("/home/ann/work/nav.csv", marks, Places(("/home/ann/work",), "/tmp"))
    >>> text.endswith("/nav.csv"), dict(marks.counts)
    (True, {'folder': 1})
    """
    if "/" not in text and "\\" not in text:
        return text
    places = places or Places.now()
    within = places.within_temporary
    if any(folder in text for folder in within):  # the session's own folder may have a temporary name
        text = _folders(within).sub(lambda _: marks.mark("folder"), text)
    if places.temporary in text:
        text = _in(places.temporary).sub(lambda found: found[1] + marks.mark("temporary name") + found[2], text)
    if "tmp" in text:
        text = _TEMPORARY.sub(lambda _: marks.mark("temporary name"), text)
    if any(folder in text for folder in places.folders):
        text = _folders(places.folders).sub(lambda _: marks.mark("folder"), text)
    return text


@lru_cache(maxsize=16)
def _folders(folders: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of these folders, each not as the beginning of another name; also escaped and as a URL."""
    names = [form for each in folders for form in {each, each.replace("\\", "\\\\"), each.replace(" ", "%20")}]
    return re.compile(r"(?<![\w.~-])(?:" + "|".join(map(re.escape, names)) + r")(?![\w~-]|\.\w)")


@lru_cache(maxsize=16)
def _in(temporary: str) -> re.Pattern[str]:
    """Return the pattern of a random name directly in the folder for temporary files, whatever its prefix is."""
    rest = rf"([/\\](?!ithtel-replay-)[^\s/\\'\"<>]*?){_RANDOM}(?![a-z0-9_])((?:\.\w+)?)"
    return re.compile(rf"(?<={re.escape(temporary)}){rest}")
