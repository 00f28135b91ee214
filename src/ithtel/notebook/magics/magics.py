"""`IthtelMagics`: each magic parses its line, calls a command, and shows the result."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, kwds, magic_arguments, parse_argstring

from ithtel.errors import IthtelError
from ithtel.notebook.cells.run import ProvenanceRequest
from ithtel.notebook.magics import verb_table as table
from ithtel.notebook.magics import verbs
from ithtel.notebook.magics.flamegraph import Flamegraph
from ithtel.notebook.observers import requested
from ithtel.notebook.recorder import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.notebook.recorder import Recorder


@magics_class
class IthtelMagics(Magics):
    """%seed, %%provenance, %%flamegraph, %timeline, %note and %ithtel."""

    def __init__(self, shell: InteractiveShell, recorder: Recorder) -> None:
        super().__init__(shell)
        self.shell: InteractiveShell = shell
        self.recorder = recorder
        self.profile = Flamegraph(recorder)

    @line_magic
    def seed(self, line: str) -> Any:  # noqa: ANN401 - a numpy Generator, without importing numpy for its name
        """Seed every random stream, and return a NumPy Generator of that seed.

        `rng = %seed 42` seeds Python's `random`, NumPy's legacy global generator (and torch, if imported) and
        returns `numpy.random.default_rng(42)`. The seed may be any expression: `%seed SEED + 1`. `%seed` alone
        shows the last seed and changes nothing. `%seed --restore @7` restores every stream to its state before
        execution 7; `%seed --restore @7 logs/ndjson/notebook.jsonl@-2` takes the states from the previous session,
        or from another log. Neither affects numba's own generator. With `%seed --unseeded 42`, generators that are made
        without a seed from here on, also within libraries, descend from the seed.
        """
        text = line.partition("#")[0].strip()
        if text.startswith("--unseeded "):
            value = self._evaluate(line.strip().removeprefix("--unseeded"))
            return self._run(partial(verbs.seed, unseeded=True), value)
        if text.startswith("--"):
            return self._run(verbs.restore, self.recorder, text)
        if not text:
            return say(verbs.seed_status(self.recorder.session))
        return self._run(verbs.seed, self._evaluate(line))

    @magic_arguments()
    @argument(
        "--inputs", nargs="+", metavar="NAME", help="the inputs of the results: a,b (default: what the cell reads)"
    )
    @argument("--outputs", nargs="+", metavar="NAME", help="the results: a,b (default: what the cell binds)")
    @argument("--name", help="a label for the record")
    @line_cell_magic
    def provenance(self, line: str, cell: str | None = None) -> None:
        """Tie the results of a cell to its inputs: record the fingerprints of both.

        `%%provenance --inputs nav --outputs result` at the top of a cell, or `%provenance …` as its first line.
        """
        options = parse_argstring(self.provenance, line)
        self._run(self._request, _names(options.inputs), _names(options.outputs), options.name)
        if cell is not None:  # only if called directly: otherwise the input transformer has removed `%%provenance`
            self.shell.run_cell(cell).raise_error()

    @magic_arguments()
    @argument("--rate", type=int, metavar="HZ", help="samples per second (default: the setting profile_rate)")
    @argument("--native", action="store_true", help="include frames of C, C++, Cython and Rust")
    @argument(
        "--gil", action="store_true", help="only threads that hold the interpreter's lock; NumPy often releases it"
    )
    @argument("--format", help="format of the file: flamegraph (SVG), speedscope (JSON) or raw (folded stacks)")
    @line_cell_magic
    def flamegraph(self, line: str, cell: str | None = None) -> None:
        """Sample the cell with py-spy, and draw where its time went. The profile is kept in artifacts/profiles.

        `%%flamegraph` at the top samples the whole cell, `%flamegraph …` from that line to the end of the cell.
        """
        options = parse_argstring(self.flamegraph, line)
        if reason := self._run(self.profile.begin, options):
            say(reason)
        if cell is not None:  # only if called directly, as above
            self.shell.run_cell(cell).raise_error()

    @magic_arguments()
    @argument("log", nargs="?", help="a log, or one of its sessions (LOG@-2); default: this session")
    @line_magic
    def timeline(self, line: str) -> Any:  # noqa: ANN401 - a display object
        """Draw a log: the series with its epochs, and cells, seeds, data and algorithms in order of execution."""
        options = parse_argstring(self.timeline, line)
        return self._run(verbs.timeline, self.recorder.session, options.log)

    @magic_arguments()
    @argument("name", help="a variable")
    @argument("--graph", action="store_true", help="draw the lineage")
    @line_magic
    def lineage(self, line: str) -> Any:  # noqa: ANN401 - a display object
        """Show which execution made a variable, from what, with which seed, and its fingerprint then and now."""
        options = parse_argstring(self.lineage, line)
        return self._run(partial(verbs.lineage, graph=options.graph), self.recorder, options.name)

    @no_var_expand
    @line_magic
    def note(self, line: str) -> None:
        """Record a remark: `%note the gap in May is a holiday`."""
        self._run(verbs.note, self.recorder.session, line)

    @magic_arguments()
    @argument("verb", nargs="?", default=table.DEFAULT, help="one of the verbs below; default: status")
    @argument("rest", nargs="*", help="the arguments of the verb: a name, key=value …")
    @argument("--type", help="events: only those of this type")
    @argument("--all", action="store_true", help="events: include technical ones")
    @argument("--git", action="store_true", help="doctor: also ask git")
    @argument("--yes", action="store_true", help="replay: run the session")
    @argument("--fresh", action="store_true", help="replay: give no recorded randomness back")
    @kwds(epilog=table.HELP)
    @line_magic
    def ithtel(self, line: str) -> Any:  # noqa: ANN401 - what the verb shows
        """Control the recording, and query it with the verbs below."""
        options = parse_argstring(self.ithtel, line)
        return self._run(table.call, self.recorder, options)

    def _run(self, action: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401
        """Call `action`; an error of ithtel becomes a message of one line."""
        try:
            return action(*arguments)
        except IthtelError as error:
            raise UsageError(str(error)) from None

    def _evaluate(self, expression: str) -> object:
        try:
            return self.shell.ev(expression)
        except Exception as error:  # noqa: BLE001 - the user's expression may fail in any way
            raise UsageError(f"{expression.strip()!r} has no value: {type(error).__name__}: {error}") from None

    def _request(self, inputs: list[str] | None, outputs: list[str] | None, name: str | None) -> None:
        """Take the fingerprints of the inputs now, before the cell can change them."""
        run = self.recorder.hooks.cells.current
        if run is None or self.recorder.session is None:
            return
        run.provenance = ProvenanceRequest(before=requested.inputs(self.shell, run, inputs), outputs=outputs, name=name)


def _names(words: list[str] | None) -> list[str] | None:
    """Return the names of `a,b`, `a, b` or `a b`."""
    if words is None:
        return None
    return [name for word in words for name in word.split(",") if name]
