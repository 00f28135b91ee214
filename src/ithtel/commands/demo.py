"""The story of the README as one function: real data, seeded, recorded, analysed, drawn."""

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
    """What the demo made."""

    analysis: Analysis
    log: Path | None
    picture: Path
    notice: str | None


def demo(seed: int = 42, log_dir: str | None = None, artifacts: str = "artifacts") -> Demo:
    """Analyse real daily closes with recording on, and draw the timeline of that.

    Args:
        seed: What every random stream is seeded with.
        log_dir: Folder of the log, `logs` unless set.
        artifacts: Folder of the picture.
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
