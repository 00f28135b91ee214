"""`Answers`: gives the questions of replayed cells the answers that were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from IPython.core.interactiveshell import InteractiveShell


class Answers:
    """The answers of a replay. A question gets the next answer to the same prompt, else the next of its cell.

    Args:
        recorded: For each cell, the prompts and the answers in order.
    """

    def __init__(self, recorded: Sequence[Sequence[Sequence[str]]]) -> None:
        self._recorded = recorded
        self._left: list[tuple[str, str]] = []

    def install(self, shell: InteractiveShell) -> None:
        """Answer in the place of the front end, which a replay does not have."""
        kernel: Any = getattr(shell, "kernel", None)
        if kernel is None:
            return

        def request(prompt: object, *_arguments: object, **_options: object) -> str:
            return self.answer(str(prompt))

        kernel._input_request = request  # noqa: SLF001 - the recorder listens there, too
        kernel.raw_input = lambda prompt="": kernel._input_request(str(prompt), password=False)  # noqa: SLF001
        kernel.getpass = lambda prompt="", stream=None: kernel._input_request(str(prompt), password=True)  # noqa: ARG005, SLF001

    def begin(self, place: int) -> None:
        """Have the answers of the cell with this index ready."""
        given = self._recorded[place] if place < len(self._recorded) else ()
        self._left = [(prompt, answer) for prompt, answer in given]

    def answer(self, prompt: str) -> str:
        """Return the answer to a question.

        Raises:
            StdinNotImplementedError: None is left.
        """
        if not self._left:
            from IPython.core.error import StdinNotImplementedError

            raise StdinNotImplementedError(f"no answer to {prompt!r} was recorded")
        same = (place for place, (asked, _) in enumerate(self._left) if asked == prompt)
        return self._left.pop(next(same, 0))[1]
