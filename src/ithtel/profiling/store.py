"""`save`, `entries`, `reindex`: the folder of profiles, with one file per profile and INDEX.json.

Each file contains its own index entry, so that the index can be rebuilt from the files alone.
"""

from __future__ import annotations

import contextlib
import html
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from ithtel.errors import LogError
from ithtel.events.format.files import safe_name
from ithtel.profiling import speedscope
from ithtel.profiling.stacks import parse
from ithtel.recording.file.folders import make_private_folder
from ithtel.recording.file.locks import folder_lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.profiling.profile import Profile

Format = Literal["flamegraph", "speedscope", "raw"]
SUFFIXES: dict[Format, str] = {"flamegraph": "svg", "speedscope": "json", "raw": "txt"}
FOLDER = Path("artifacts/profiles")
INDEX = "INDEX.json"
_FORMATS = {suffix: kind for kind, suffix in SUFFIXES.items()}
_FILE = re.compile(r".+-(?P<stamp>\d{8}-\d{6})(?:\.\d+)?\.(?P<suffix>svg|json|txt)")
_CARRIED = (
    re.compile(r"<metadata>(?P<facts>.*?)</metadata>", re.DOTALL),
    re.compile(r"\A# ithtel (?P<facts>\{.*\})\n"),
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of a profile in INDEX.json."""

    file: str
    time: str
    command: str
    rate_hz: int | None
    duration_s: float | None
    n_samples: int
    sampler: str | None
    format: Format
    git_sha: str | None
    session_id: str | None


class _Carrier(msgspec.Struct):
    """The part of a speedscope file that is read here."""

    ithtel: Entry


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a profile comes from: the command, the session and the commit."""

    command: str
    package: str = "ithtel"
    session_id: str | None = None
    git_sha: str | None = None


def save(profile: Profile, origin: Origin, *, form: Format, folder: Path = FOLDER, now: datetime | None = None) -> Path:
    """Write a profile to a new file in `folder`, add it to the index, and return its path.

    Args:
        profile: What was sampled.
        origin: Where it comes from.
        form: The file format: a picture, speedscope's JSON, or folded stacks.
        folder: `artifacts/profiles`; created for its owner only, and ignored by git.
        now: The time of the profile; the present if not given.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = _claim(folder, f"{safe_name(origin.package)}-{moment:%Y%m%d-%H%M%S}", SUFFIXES[form])
    entry = Entry(
        file=path.name, time=moment.isoformat(timespec="seconds").replace("+00:00", "Z"), command=origin.command,
        rate_hz=profile.rate_hz, duration_s=round(profile.duration_s, 3), n_samples=profile.n_samples,
        sampler=profile.sampler, format=form, git_sha=origin.git_sha, session_id=origin.session_id,
    )  # fmt: skip
    path.write_text(_content(profile, entry), encoding="utf-8")
    with folder_lock(folder):
        _write_index(folder, [*(one for one in _read_index(folder) if one.file != entry.file), entry])
    return path


def entries(folder: Path = FOLDER) -> list[Entry]:
    """Return the entries of the index, oldest first; empty if there is no index.

    Raises:
        LogError: The index is damaged; `ithtel profiles --reindex` rebuilds it.
    """
    return _read_index(folder)


def reindex(folder: Path = FOLDER) -> list[Entry]:
    """Rebuild the index from the files, and return it."""
    if not folder.is_dir():
        return []
    with folder_lock(folder):
        known: dict[str, Entry] = {}
        with contextlib.suppress(LogError):
            known = {entry.file: entry for entry in _read_index(folder)}
        found = [
            _entry_of(path, known.get(path.name)) for path in sorted(folder.iterdir()) if _FILE.fullmatch(path.name)
        ]
        return _write_index(folder, found)


def _content(profile: Profile, entry: Entry) -> str:
    facts = msgspec.json.encode(entry).decode()
    match entry.format:
        case "flamegraph":
            return profile.svg(facts)
        case "speedscope":
            return speedscope.encode(profile.stacks, name=profile.target, rate_hz=profile.rate_hz, facts=entry)
        case "raw":
            return f"# ithtel {facts}\n{profile.stacks.folded()}"


def _claim(folder: Path, stem: str, suffix: str) -> Path:
    """Create an empty file with a new name, even if several processes want one in the same second."""
    for n in range(10_000):
        path = folder / (f"{stem}.{n}.{suffix}" if n else f"{stem}.{suffix}")
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return path
    raise LogError(f"{folder} already holds 10000 profiles of this second")


def _read_index(folder: Path) -> list[Entry]:
    path = folder / INDEX
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Entry])
    except FileNotFoundError:
        return []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LogError(
            f"{path} is not an index of profiles ({error}): run ithtel profiles --reindex to rebuild it"
        ) from None


def _write_index(folder: Path, found: Iterable[Entry]) -> list[Entry]:
    """Replace the index in one step; the caller must hold the folder's lock."""
    ordered = sorted(found, key=lambda entry: (entry.time, entry.file))
    temporary = folder / f".{INDEX}.{secrets.token_hex(4)}"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")
    temporary.chmod(0o600)
    temporary.replace(folder / INDEX)
    return ordered


def _entry_of(path: Path, known: Entry | None) -> Entry:
    """Return the entry that a file contains, else its previous entry, else one guessed from the file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    with contextlib.suppress(msgspec.DecodeError):
        if path.suffix == ".json":
            return msgspec.structs.replace(msgspec.json.decode(text, type=_Carrier).ithtel, file=path.name)
        for pattern in _CARRIED:
            if match := pattern.search(text):
                entry = msgspec.json.decode(html.unescape(match["facts"]), type=Entry)
                return msgspec.structs.replace(entry, file=path.name)
    return known or _guessed(path, text)


def _guessed(path: Path, text: str) -> Entry:
    match = _FILE.fullmatch(path.name)
    assert match is not None  # noqa: S101 - the caller checked it
    moment = datetime.strptime(match["stamp"], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    return Entry(
        file=path.name, time=moment.isoformat(timespec="seconds").replace("+00:00", "Z"), command="", rate_hz=None,
        duration_s=None, n_samples=parse(text).total() if path.suffix == ".txt" else 0, sampler=None,
        format=_FORMATS[match["suffix"]], git_sha=None, session_id=None,
    )  # fmt: skip
