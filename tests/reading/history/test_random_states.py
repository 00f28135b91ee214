"""The state of each random stream before an execution is found in the log."""

from __future__ import annotations

import pytest

from factories import Writer, log_of
from ithtel import events as ev
from ithtel.errors import InputError
from ithtel.reading.history.random_states import states_before


def state(stream: str, number: int, *, full: bool = True) -> ev.RngState:
    """Return a state of a stream."""
    return ev.RngState(
        stream=stream, bit_generator="PCG64", state_sha256=f"{number:064d}", state={"n": str(number)} if full else None
    )


class TestStatesBefore:
    """`states_before`."""

    def log(self) -> Writer:
        """Return a session in which one stream is used twice, and another made and used."""
        log = Writer().start()
        log.cell("one", state("numpy:a", 1), state("numpy:a", 2))
        log.cell("two")
        log.cell("three", state("numpy:a", 2, full=False), state("numpy:a", 3), state("numpy:b", 7))
        log.cell("four", state("numpy:b", 7, full=False), state("numpy:b", 8))
        return log

    @pytest.mark.parametrize(
        ("execution", "found"),
        [
            (1, {"numpy:a": "1"}),
            (2, {"numpy:a": "2"}),
            (3, {"numpy:a": "2"}),
            (4, {"numpy:a": "3", "numpy:b": "7"}),
        ],
    )
    def test_it_is_where_the_cell_found_it(self, execution: int, found: dict[str, str]) -> None:
        """A state written without its content is found by its digest; a stream created later is missing."""
        states = states_before(log_of(self.log()), execution)
        assert found == {each.stream: (each.state or {})["n"] for each in states}

    def test_what_moved_a_stream_between_cells_counts(self) -> None:
        """The state that the execution itself recorded takes precedence."""
        log = Writer().start().cell("one", state("python", 1), state("python", 2))
        log.cell("two", state("python", 5), state("python", 6))
        assert ["5"] == [(each.state or {})["n"] for each in states_before(log_of(log), 2)]

    def test_an_execution_that_is_not_there(self) -> None:
        """The error names the executions that exist."""
        with pytest.raises(InputError, match=r"no execution \[9\] in this session; there are \[1\] to \[4\]"):
            states_before(log_of(self.log()), 9)
        with pytest.raises(InputError, match=r"no execution \[1\] in this session$"):
            states_before(log_of(Writer().start()), 1)
