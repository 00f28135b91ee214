"""`find_files`, `unfolded`: the files that a source names, and the order in which they are read."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ithtel.errors import LogError, MissingFileError, did_you_mean
from ithtel.events.format.files import NDJSON_FOLDER, LogFile, parse_path, parts_of
from ithtel.reading.lines.blocks import open_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ithtel.reading.lines.blocks import Readable


class FileGroup(NamedTuple):
    """The files of one session name, oldest first: its rotated parts, then the one being written."""

    name: str
    paths: tuple[Path, ...]


def find_files(source: Path) -> list[FileGroup]:
    """Return the groups of files that a path, a folder or a glob names.

    Raises:
        MissingFileError: There is no such file or folder, or the glob matches no file.
        LogError: The folder contains no log.
    """
    if source.is_dir():
        return _in_folder(source)
    if source.exists():
        return _with_parts(source)
    if glob.has_magic(str(source)):
        paths = [Path(path) for path in sorted(glob.glob(str(source), recursive=True))]  # noqa: PTH207 - absolute too
        if not paths:
            raise MissingFileError(f"no file matches {str(source)!r}")
        return _grouped([path for path in paths if path.is_file()])
    if groups := _with_parts(source):
        return groups
    raise MissingFileError(f"no file or folder {str(source)!r}{did_you_mean(source.name, _logs_beside(source))}")


def _in_folder(folder: Path) -> list[FileGroup]:
    inner = folder / NDJSON_FOLDER
    where = inner if inner.is_dir() else folder
    groups = _grouped([path for path in sorted(where.iterdir()) if parse_path(path) and path.is_file()])
    if not groups:
        raise LogError(f"no log in {str(where)!r}: a session writes {NDJSON_FOLDER}/NAME.jsonl in its log folder")
    return groups


def _with_parts(path: Path) -> list[FileGroup]:
    """Return `path` with its rotated parts if it is the file being written; alone if it is a part itself."""
    file = parse_path(path)
    if file is None or file.rotated is not None or file.compression is not None:
        return _grouped([path] if path.exists() else [])
    siblings = path.parent.glob(f"{glob.escape(file.name)}.*") if path.parent.is_dir() else ()
    parts = [(sibling, parse_path(sibling)) for sibling in siblings]
    return _grouped(sorted(sibling for sibling, part in parts if part is not None and part.name == file.name))


def _grouped(paths: list[Path]) -> list[FileGroup]:
    groups: dict[Path, list[LogFile]] = {}
    for path in paths:
        file = parse_path(path) or LogFile(name=path.name, rotated=None, number=None, compression=None, path=path)
        groups.setdefault(path.parent / file.name, []).append(file)
    return [FileGroup(name.name, tuple(file.path for file in in_order(files))) for name, files in groups.items()]


def in_order(files: Iterable[LogFile]) -> list[LogFile]:
    """Return parts by time of rotation, the live file last; while a part is being compressed, its plain form counts."""
    whole = {file.place: file for file in sorted(files, key=lambda file: file.compression is None)}
    return [whole[place] for place in sorted(whole)]


def _logs_beside(path: Path) -> list[str]:
    if not path.parent.is_dir():
        return []
    return [file.name for file in path.parent.iterdir() if parse_path(file) and file.is_file()]


def unfolded(paths: tuple[Path, ...]) -> Iterator[tuple[Path, Readable | None]]:
    """Yield the files in order; the one being written is already open, because it may be renamed at any moment.

    It is opened before its folder is listed again: parts that appeared since the first listing may hold the lines of
    the open file, so they are read before it, and it is opened again.
    """
    read: set[tuple[str, int]] = set()
    for path in paths:
        file = parse_path(path)
        if file is None or file.rotated is not None or file.compression is not None:
            yield path, None
        else:
            yield from _live(file, read)
        if file is not None:
            read.add(file.place)


def _live(file: LogFile, read: set[tuple[str, int]]) -> Iterator[tuple[Path, Readable | None]]:
    while True:
        try:
            stream = open_stream(file.path)
        except OSError:
            stream = None
        fresh = _fresh(file, read)
        if not fresh:
            yield file.path, stream
            return
        if stream is not None:
            stream.close()
        for part in fresh:
            read.add(part.place)
            yield part.path, None


def _fresh(file: LogFile, read: set[tuple[str, int]]) -> list[LogFile]:
    """Return the parts that have not been read, one form of each: the plain one while it exists."""
    return in_order(part for part in parts_of(file.path.parent, file.name) if part.place not in read)
