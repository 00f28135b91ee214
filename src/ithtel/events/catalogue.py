"""`EVENTS`, `SECTIONS`: all events that are published, decoded and documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.events import answers, notebook, profiling, reproducibility, session, statistics, structure, trading

if TYPE_CHECKING:
    from ithtel.events.base import Event

SECTIONS: dict[str, list[type[Event]]] = {
    "Session": [
        session.SessionStart,
        session.CellPrior,
        session.EnvironmentChanged,
        session.GitState,
        session.ModuleLoaded,
        session.Note,
        session.RecordingPaused,
        session.RecordingResumed,
        session.RecordingLoss,
        session.SessionEnd,
        session.LogSeal,
    ],
    "Notebook": [notebook.CellStart, notebook.CellOutput, notebook.CellEnd, notebook.Hazard],
    "Reproducibility": [
        reproducibility.DataLoad,
        reproducibility.FileRead,
        reproducibility.FileWrite,
        reproducibility.ArrayFingerprint,
        reproducibility.FrameFingerprint,
        reproducibility.ObjectFingerprint,
        reproducibility.SeedSet,
        reproducibility.EntropyRequest,
        reproducibility.ExternalContact,
        answers.InputAnswer,
        answers.HttpAnswer,
        reproducibility.RngState,
        reproducibility.AlgorithmInit,
        reproducibility.SeriesSketch,
        reproducibility.AlgorithmResult,
    ],
    "Trading": [trading.EpochDetected, trading.IthStep, trading.DecisionSnapshot],
    "Statistics": [
        statistics.HypothesisResult,
        statistics.ShapiroWilkResult,
        statistics.BetaFitResult,
        statistics.AdTestResult,
        statistics.MannWhitneyResult,
        statistics.CohensDResult,
        statistics.CliffsDeltaResult,
        structure.HurstResult,
        structure.RegimeResult,
        structure.PcaResult,
        structure.ParticipationRatio,
        structure.VifResult,
        structure.AdfResult,
        structure.AcfResult,
        statistics.DescribeResult,
        structure.CorrelationResult,
        structure.SelectionResult,
    ],
    "Profiling": [profiling.ProfileRecorded],
}

EVENTS: list[type[Event]] = [event for section in SECTIONS.values() for event in section]
