"""`demo`: the example of the README as one function: load real data, seed, record, analyse, draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.commands.data import datasets
from ithtel.commands.ith.analyze import Analysis, analyze
from ithtel.commands.log.timeline import timeline
from ithtel.commands.session.seed import seed as seed_all
from ithtel.provenance.fingerprint import fingerprint
from ithtel.recording.process import start

if TYPE_CHECKING:
    from ithtel.recording.session import Session


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The results of the demo, and the files that it wrote."""

    analysis: Analysis
    log: Path | None
    picture: Path
    notice: str | None


def demo(seed: int = 42, log_dir: str | None = None, artifacts: str = "artifacts") -> Demo:
    """Analyse real daily closes with recording on, and draw the timeline of the session.

    Args:
        seed: The seed of every random stream.
        log_dir: The folder of the log, `logs` if not set.
        artifacts: The folder of the picture.
    """
    with start("demo", log_dir=log_dir) as session:
        seed_all(seed)
        nav = datasets.google()
        session.emit(fingerprint(nav, "nav"))
        analysis = analyze(nav, side="both", hurdle="mdd", periods_per_year=252)
        session.emit(fingerprint(analysis.epochs, "epochs"))
        picture = _draw(session, Path(artifacts))
    return Demo(analysis=analysis, log=session.path, picture=picture, notice=session.notice)


def _draw(session: Session, folder: Path) -> Path:
    from ithtel.recording.file.folders import make_private_folder
    from ithtel.viewer.figure import save

    make_private_folder(folder)
    path = folder / "demo.png"
    save(timeline(session, theme="light").figure(), path)
    return path
