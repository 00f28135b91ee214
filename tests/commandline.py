"""What a call of the command line in this process gave back."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Result(NamedTuple):
    """The exit code, and what was printed on standard output and standard error."""

    code: int
    out: str
    err: str


class Call(Protocol):
    """The fixture `call`: call("analyze", "nav.csv")."""

    def __call__(self, *arguments: str) -> Result:
        """Call `ithtel` with these arguments."""
        ...
