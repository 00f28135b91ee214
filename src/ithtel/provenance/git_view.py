"""`Repository`, `find_repository`, `git_view`, `git_program`: git is shown a repository without its configuration.

The configuration of a repository may name programs (filters, fsmonitor, diff drivers, hooks, pagers, remotes to fetch
from), and a repository may come from anybody. So git never reads it: it gets a folder of ours as its `.git`, with a
configuration of a few harmless values, a copy of the index, and the object store of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_TEXT_BYTES = 64_000_000
_HARMLESS = {
    "core": {"autocrlf", "eol", "filemode", "ignorecase", "precomposeunicode", "symlinks", "trustctime", "checkstat"},
    "extensions": {"objectformat"},
}
"""Settings that decide what counts as a change, and cannot start anything."""
_SECTION = re.compile(r'\[\s*([\w.-]+)\s*(".*")?\s*\]')
_SETTING = re.compile(r"([\w-]+)\s*=\s*(\w{1,40})\s*")


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """The folders of a repository; `common_dir` is what its worktrees share."""

    root: Path
    git_dir: Path
    common_dir: Path


def find_repository(folder: Path) -> Repository | None:
    """Return the repository that holds `folder`, an absolute path; None if there is none.

    Raises:
        OSError: A folder cannot be looked at.
    """
    for root in (folder, *folder.parents):
        marker = root / ".git"
        if marker.is_dir() and (marker / "HEAD").exists():
            return Repository(root=root, git_dir=marker, common_dir=_common(marker))
        if marker.is_file():
            text = read_text(marker)
            if text is not None and text.startswith("gitdir:"):
                git_dir = (root / text.removeprefix("gitdir:").strip()).resolve()
                return Repository(root=root, git_dir=git_dir, common_dir=_common(git_dir))
    return None


def read_text(path: Path) -> str | None:
    """Return the stripped text of a regular file of a sensible size; None for anything else, which is not opened.

    >>> from pathlib import Path
    >>> read_text(Path("/dev/zero")) is None
    True
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_TEXT_BYTES:
                return None
            return file.read(_MAX_TEXT_BYTES).decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return None


def git_program(environ: Mapping[str, str]) -> str | None:
    """Return the path of git, None if it is not installed; relative entries of PATH are not searched."""
    folders = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder).is_absolute()]
    return shutil.which("git", path=os.pathsep.join(folders)) if folders else None


@contextmanager
def git_view(
    repository: Repository | None, work_tree: Path, head: str, environ: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the environment in which git sees the files and objects of a repository, but nothing of its configuration.

    Args:
        repository: Whose objects and index git sees; None for an empty one.
        work_tree: The folder of its files.
        head: The content of HEAD: a commit, or `ref: …`.
        environ: The environment of this process.

    Raises:
        OSError: The temporary folder cannot be written.

    >>> import os, subprocess
    >>> from pathlib import Path
    >>> with git_view(None, Path("/"), "ref: refs/heads/main", os.environ) as env:
    ...     subprocess.run(["git", "config", "--get", "user.name"], env=env, capture_output=True).stdout
    b''
    """
    with tempfile.TemporaryDirectory(prefix="ithtel-git-") as name:
        view = Path(name)
        for folder in ("objects", "refs", "info"):
            (view / folder).mkdir()
        (view / "HEAD").write_text(head + "\n", encoding="utf-8", errors="surrogateescape")
        settings = _settings(repository, environ)
        if repository is not None:
            settings |= _link(repository, view)
        if len(head) == 64:  # noqa: PLR2004 - digits of SHA-256
            settings["extensions.objectformat"] = "sha256"
        (view / "config").write_text(_config(settings), encoding="utf-8")
        objects = {} if repository is None else {"GIT_OBJECT_DIRECTORY": str(repository.common_dir / "objects")}
        yield _environment(environ) | {"GIT_DIR": str(view), "GIT_WORK_TREE": str(work_tree)} | objects


def _link(repository: Repository, view: Path) -> dict[str, str]:
    """Put the index, the list of ignored files and, if refs are kept in a reftable, that into the view."""
    for index in [repository.git_dir / "index", *repository.git_dir.glob("sharedindex.*")]:
        if index.is_file():
            shutil.copy2(index, view / index.name)  # with its time, by which git recognizes entries that are too fresh
    ignored = read_text(repository.common_dir / "info" / "exclude")
    if ignored is not None:
        (view / "info" / "exclude").write_text(ignored + "\n", encoding="utf-8", errors="surrogateescape")
    if (repository.common_dir / "reftable").is_dir():
        (view / "reftable").symlink_to(repository.common_dir / "reftable")
        return {"extensions.refstorage": "reftable"}
    return {}


def _config(settings: Mapping[str, str]) -> str:
    lines = ["[core]", f"repositoryformatversion = {int(any(name.startswith('ext') for name in settings))}"]
    for name, value in settings.items():
        section, _, key = name.partition(".")
        lines += [f"[{section}]", f"{key} = {value}"]
    return "\n".join([*lines, "[core]", "bare = false", "fsmonitor = false", "quotePath = true"]) + "\n"


def _settings(repository: Repository | None, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the harmless settings of the user and of the repository, which take precedence."""
    home, own = environ.get("HOME", ""), environ.get("GIT_CONFIG_GLOBAL")
    files = [Path(own)] if own else [Path(home, ".config/git/config"), Path(home, ".gitconfig")] if home else []
    if repository is not None:
        files.append(repository.common_dir / "config")
    found: dict[str, str] = {}
    for file in files:
        found |= _harmless(read_text(file) or "", with_format=repository is not None and file == files[-1])
    return found


def _harmless(text: str, *, with_format: bool) -> dict[str, str]:
    found, known = {}, set[str]()
    section = ""
    for line in map(str.strip, text.splitlines()):
        if header := _SECTION.match(line):
            section = "" if header[2] else header[1].lower()
            known = _HARMLESS.get(section, set()) if section == "core" or with_format else set()
        elif (setting := _SETTING.fullmatch(line)) and setting[1].lower() in known:
            found[f"{section}.{setting[1].lower()}"] = setting[2]
    return found


def _common(git_dir: Path) -> Path:
    """Return the folder that worktrees share."""
    common = read_text(git_dir / "commondir")
    return git_dir if common is None else (git_dir / common).resolve()


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git reads no configuration but ours, does not prompt, and has stable output."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }
