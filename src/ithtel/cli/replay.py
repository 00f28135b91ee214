"""The verbs of `ithtel` that compare and replay sessions: diff, replay, check, whence.

Exit codes: 0 identical, 1 departs, 2 cannot.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ithtel.cli.root import app, echo
from ithtel.errors import InputError

if TYPE_CHECKING:
    from ithtel.reading.diff.verdict import Difference
    from ithtel.replay.outside.surroundings import Question
    from ithtel.replay.plan import Plan


class CheckFormat(StrEnum):
    """The formats of the results of checks."""

    text = "text"
    github = "github"
    junit = "junit"
    json = "json"


class VerdictFormat(StrEnum):
    """The formats of a verdict."""

    text = "text"
    json = "json"
    html = "html"


Log = Annotated[str, typer.Argument(metavar="LOG", help="A log; LOG@-2 is the session before the latest.")]
Rtol = Annotated[float | None, typer.Option(help="Relative tolerance of numbers.")]
Atol = Annotated[float | None, typer.Option(help="Absolute tolerance of numbers.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Write the verdict to a .txt, .json or .html file.")]
FormatOption = Annotated[VerdictFormat, typer.Option("--format", help="How to print the verdict.")]


@app.command()
def diff(  # noqa: PLR0917 - typer makes options of them
    log_a: Annotated[str, typer.Argument(metavar="LOG_A", help="A log; LOG@-2 is the session before the latest.")],
    log_b: Annotated[
        str | None, typer.Argument(metavar="[LOG_B]", help="Default: the last two sessions of LOG_A.")
    ] = None,
    rtol: Rtol = None,
    atol: Atol = None,
    out: Out = None,
    output: FormatOption = VerdictFormat.text,
) -> None:
    """Compare two sessions: what is equal, the first departure, its cause, and what follows from it."""
    from ithtel.commands.log.diff import diff

    difference = diff(log_a, log_b, rtol, atol)
    show(difference, output, out)
    raise typer.Exit(0 if difference.is_identical else 1)


@app.command()
def replay(  # noqa: PLR0917 - typer makes options of them
    log: Log,
    to: Annotated[Path | None, typer.Option(metavar="F.ipynb", help="Write the rebuilt notebook there.")] = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Rebuild the notebook only; run nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Run without asking.")] = False,
    session: Annotated[str | None, typer.Option(help="A session of the log: its id, or -2.")] = None,
    data: Annotated[Path | None, typer.Option(help="A folder to search for missing inputs, by content.")] = None,
    folder: Annotated[Path | None, typer.Option(help="The folder of the session, if it has moved.")] = None,
    rng: Annotated[bool, typer.Option("--rng", help="Restore random states before every cell.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Give no recorded randomness back: how it would go for a stranger.")
    ] = False,
    clock: Annotated[bool, typer.Option("--clock", help="Start the clock of each cell at its recorded time.")] = False,
    env: Annotated[bool, typer.Option("--env", help="Make the recorded environment, and replay in it.")] = False,
    env_commands: Annotated[
        bool, typer.Option("--env-commands", help="Print the commands that recreate the environment.")
    ] = False,
    unverified: Annotated[bool, typer.Option("--unverified", help="Run a log even if it was changed.")] = False,
    show_all: Annotated[bool, typer.Option("--show", help="Show every line that will run, however many.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one cell may take.")] = 600.0,
    rtol: Rtol = None,
    atol: Atol = None,
    out: Out = None,
    output: FormatOption = VerdictFormat.text,
) -> None:
    """Replay a recorded session in a copy, and report whether, where and why it departs from the record."""
    from ithtel.commands.replay.replay import replay, write_notebook
    from ithtel.replay.environment import recreate_commands
    from ithtel.replay.options import RunOptions
    from ithtel.viewer.progress import TerminalProgress

    def confirm(plan: Plan) -> bool:
        echo(plan.text(is_whole=show_all), err=output is not VerdictFormat.text)
        try:
            return yes or typer.confirm("Run this?", err=output is not VerdictFormat.text)
        except typer.Abort:
            raise InputError("not confirmed: pass --yes to run without asking") from None

    with TerminalProgress() as progress:
        found = replay(
            log, session=session, run=not (no_run or env_commands), confirm=confirm, data=data, folder=folder, rng=rng,
            clock=clock, env=env, ask=_ask if sys.stdin.isatty() else None, unverified=unverified,
            options=RunOptions(timeout_s=timeout, progress=progress.progress, rtol=rtol, atol=atol, fresh=fresh),
        )  # fmt: skip
    if env_commands:
        echo("\n".join(recreate_commands(found.plan.history)))
        raise typer.Exit(0)
    if to is not None:
        write_notebook(found.notebook, to)
        echo(f"written to {to}", err=True)
    if found.difference is not None:
        show(found.difference, output, out)
    elif found.plan.obstacles or no_run:
        echo(found.plan.text(is_whole=show_all))
    if found.failure is not None:
        echo(f"ithtel: {found.failure}", err=True)
    raise typer.Exit({"identical": 0, "departs": 1, "cannot": 2, "not run": 0}[found.outcome])


@app.command("seed-plan")
def seed_plan(
    log: Log,
    session: Annotated[str | None, typer.Option(help="A session of the log: its id, or -2.")] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="NOTEBOOK", help="Apply the edits to a copy of this notebook.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="F.ipynb", help="The copy.")] = None,
) -> None:
    """Show the smallest edits after which a fresh run of a session is the same each time."""
    from ithtel.commands.replay.seed_plan import seed_plan, write_seeded

    if (write is None) != (out is None):
        raise InputError("--write NOTEBOOK and -o F.ipynb belong together")
    plan = seed_plan(log, session=session)
    typer.echo(plan.text())
    if write is not None and out is not None:
        for note in write_seeded(plan, write, out):
            typer.echo(f"ithtel: {note}", err=True)
        typer.echo(f"written to {out}", err=True)


@app.command()
def check(  # noqa: PLR0917 - typer makes options of them
    notebooks: Annotated[list[Path], typer.Argument(metavar="NOTEBOOK…", help="Notebooks, or folders of notebooks.")],
    update: Annotated[bool, typer.Option("--update", help="Write the baselines.")] = False,
    runs: Annotated[int, typer.Option(help="Run each notebook this often, in a different environment each time.")] = 1,
    write: Annotated[
        bool, typer.Option("--write", help="Apply the fixes: cells and tags to the notebooks, rules to nbval's file.")
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one cell may take.")] = 600.0,
    rtol: Rtol = None,
    atol: Atol = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the report to a file; text is printed.")
    ] = None,
    output: Annotated[CheckFormat, typer.Option("--format", help="The format of the report.")] = CheckFormat.text,
) -> None:
    """Run notebooks in copies, and compare the results with their committed baselines.

    `--format github` adds annotations at the cells, `junit` writes a report of tests, `json` holds everything.
    """
    from ithtel.commands.replay.check import check
    from ithtel.commands.replay.report_checks import report_checks
    from ithtel.replay.options import RunOptions
    from ithtel.viewer.progress import TerminalProgress

    codes = {"same": 0, "updated": 0, "departs": 1, "cannot": 2}
    worst = 0
    is_printed = out is not None or output in {CheckFormat.text, CheckFormat.github}
    done = []
    with TerminalProgress() as progress:
        for checked in check(
            notebooks, update=update, runs=runs, write=write,
            options=RunOptions(timeout_s=timeout, progress=progress.progress, rtol=rtol, atol=atol),
        ):  # fmt: skip
            progress.clear()
            done.append(checked)
            if is_printed:
                echo(report_checks([checked], "text" if out is not None else output.value))
            worst = max(worst, codes[checked.outcome], 1 if checked.flaky else 0)
    if out is not None:
        out.write_text(report_checks(done, output.value) + "\n", encoding="utf-8")
        echo(f"written to {out}")
    elif not is_printed:
        echo(report_checks(done, output.value))
    raise typer.Exit(worst)


@app.command()
def whence(
    file: Annotated[Path, typer.Argument(help="A file that a session wrote, or a picture that it showed.")],
    logs: Annotated[Path, typer.Option(help="The logs to search.")] = Path("logs"),
) -> None:
    """Show which execution made a file or picture: its cell, data, seed and commit."""
    from ithtel.commands.log.whence import whence

    origin = whence(file, logs)
    echo("not recorded" if origin is None else origin.text())
    raise typer.Exit(0 if origin is not None else 1)


def _ask(question: Question) -> str:
    """Ask for an answer that the record does not hold; what is typed is not shown."""
    text = f"cell {question.label} asked {question.prompt.strip()!r}; the answer is not recorded. Answer"
    return str(typer.prompt(text, hide_input=True, default="", show_default=False, err=True))


def show(difference: Difference, output: VerdictFormat, out: Path | None) -> None:
    """Print a verdict, or write it to a file in the format of its suffix."""
    if out is None:
        echo(rendered(difference, output))
        return
    suffixes = {".json": VerdictFormat.json, ".html": VerdictFormat.html, ".htm": VerdictFormat.html}
    out.write_text(rendered(difference, suffixes.get(out.suffix.lower(), VerdictFormat.text)) + "\n", encoding="utf-8")
    echo(f"written to {out}")


def rendered(difference: Difference, output: VerdictFormat) -> str:
    """Return a verdict in one of its formats."""
    if output is VerdictFormat.json:
        return difference.json().decode()
    if output is VerdictFormat.html:
        from ithtel.viewer.diff import page

        return page(difference)
    return difference.text()
