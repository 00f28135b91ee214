"""Sessions of a small research notebook, written cell by cell, that tests compare."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from factories import Writer, log_of
from ithtel import events as ev
from ithtel.provenance.fingerprint import fingerprint

if TYPE_CHECKING:
    from ithtel.reading.diff.verdict import Difference, Root


NAV = np.array([100.0, 101.5, 99.0, 103.0])


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def module(content: str) -> ev.ModuleLoaded:
    return ev.ModuleLoaded(name="local_model", path="/home/u/local_model.py", sha256=sha(content))


def read(path: str, content: str) -> ev.FileRead:
    return ev.FileRead(path=path, sha256=sha(content), size_bytes=3, mtime_ns=1)


def wrote(path: str, content: str) -> ev.FileWrite:
    return ev.FileWrite(path=path, sha256=sha(content), size_bytes=3, mtime_ns=1)


def state(stream: str, where: str, entropy: int | None = None) -> ev.RngState:
    return ev.RngState(
        stream=stream, bit_generator="PCG64", state_sha256=sha(where), entropy=None if entropy is None else str(entropy)
    )


def value(name: str, of: object) -> ev.Event:
    return fingerprint(of, name)


class Session:
    """Writes a session of cells in the way the extension would."""

    def __init__(self, **start: Any) -> None:
        self.writer = Writer().start(**start)

    def cell(self, source: str | None, *inside: ev.Event, reads: str = "", writes: str = "", **more: Any) -> Session:
        self.writer.cell(source, *inside, reads=reads.split(), writes=writes.split(), **more)
        return self

    def log(self) -> Any:
        return log_of(self.writer.end())


def research(
    csv: str = "1",
    nav: np.ndarray = NAV,
    code: str = "def f(x): return 2 * x",
    seed: int = 42,
    factor: float = 2.0,
    noise: float = 0.5,
    **start: Any,
) -> Session:
    """Return a small session: data, a module, a seed, results of each, and a cell that needs none of them."""
    session = Session(**start)
    session.cell("import pandas as pd\nimport local_model", module(code), writes="pd local_model")
    session.cell(
        'nav = pd.read_csv("nav.csv")["NAV"]', read("nav.csv", csv), value("nav", nav), reads="pd", writes="nav"
    )
    after = state("numpy:rng", f"seed {seed}", seed)
    session.cell(f"rng = np.random.default_rng({seed})", after, writes="rng")
    session.cell("scaled = local_model.f(nav)", value("scaled", nav * factor), reads="local_model nav", writes="scaled")
    noisy = np.full(4, noise)
    used = (state("numpy:rng", f"seed {seed}", seed), state("numpy:rng", f"used {seed}", seed))
    session.cell("noise = rng.normal(size=4)", *used, value("noise", noisy), reads="rng", writes="noise")
    session.cell("both = scaled + noise", value("both", nav * factor + noisy), reads="noise scaled", writes="both")
    return session.cell("alone = 1", value("alone", 1), writes="alone")


def roots(difference: Difference) -> list[tuple[str, str, list[str]]]:
    return [(root.label, root.cause, root.names) for root in difference.verdict.roots]


def only(difference: Difference) -> Root:
    assert 1 == len(difference.verdict.roots), difference.text()
    return difference.verdict.roots[0]


def simple(*cells: tuple[str, float], **start: Any) -> Any:
    """Return a session of cells `name = …`, each with its value."""
    session = Session(**start)
    for source, held in cells:
        name = source.partition(" ")[0]
        session.cell(source, value(name, np.array([held])), reads=" ".join(set("abc") & set(source[3:])), writes=name)
    return session.log()


def drawn_globally(start: str, held: float, *, seed: int | None = None) -> Any:
    session = Session()
    if seed is not None:
        session.cell(f"random.seed({seed})", state("python", start), state("python", f"seed {seed}"), reads="random")
        start = f"seed {seed}"
    session.cell(
        "x = random.random()", state("python", start), state("python", start + "'"), value("x", held), writes="x"
    )
    return session.log()


def one_cell(source: str, held: float, **start: Any) -> Any:
    return Session(**start).cell(source, value("y", np.full(40, held)), writes="y").log()


def with_package(version: str, held: float, *inside: ev.Event) -> Any:
    session = Session()
    session.cell(
        "import smallpkg\nimport numpy as np",
        ev.EnvironmentChanged(packages={"smallpkg": version, "numpy": "2.0"}, threads={}),
        writes="smallpkg np",
    )
    return session.cell("y = smallpkg.f(2)", *inside, value("y", held), reads="smallpkg", writes="y").log()
