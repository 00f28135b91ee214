"""Frames: the user's code, libraries and machinery are told apart, and machinery is folded away."""

from __future__ import annotations

import pytest

from ithtel.profiling.frames import OWN_FOLDER, Frame, Places, RawFrame

SITE = "/venv/lib/python3.11/site-packages"
KERNEL = [
    RawFrame("<module>", f"{SITE}/ipykernel_launcher.py", 18),
    RawFrame("run_forever", "/usr/lib/python3.11/asyncio/base_events.py", 607),
    RawFrame("run_code", f"{SITE}/IPython/core/interactiveshell.py", 3845),
]
CELL = RawFrame("<module>", "/var/ipykernel_7/123.py", 2)
PLACES = Places(cells={CELL.file: "In[3]"}, cwd="/work")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("burn (/work/hot.py:6)", RawFrame("burn", "/work/hot.py", 6)),
        ("f (/work/my (1).py:6)", RawFrame("f", "/work/my (1).py", 6)),
        ("f (C:\\work\\a.py:6)", RawFrame("f", "C:\\work\\a.py", 6)),
        ("cblas_dgemm (libblas.so.3)", RawFrame("cblas_dgemm", "libblas.so.3", None)),
        ("strange", RawFrame("strange", "", None)),
    ],
)
def test_a_frame_of_pyspy_is_understood(text: str, expected: RawFrame) -> None:
    """Function, file, line."""
    assert expected == RawFrame.parse(text)


def test_what_a_cell_runs_under_is_folded_away() -> None:
    """The cell is the outermost frame, by its number."""
    stack = [*KERNEL, CELL, RawFrame("burn", "/work/hot.py", 6)]
    assert ("<module> (In[3]:2)", "burn (hot.py:6)") == tuple(frame.text for frame in PLACES.fold(stack))


def test_a_cell_that_nobody_knows_is_a_cell() -> None:
    """As of another kernel, whose cells have no numbers here."""
    assert (Frame("<module>", "cell", 2, "own"),) == Places().fold([*KERNEL, CELL])


@pytest.mark.parametrize(
    "stack",
    [
        KERNEL,
        [*KERNEL, RawFrame("showtraceback", f"{SITE}/stack_data/core.py", 455)],
        [RawFrame("_bootstrap", "/usr/lib/python3.11/threading.py", 995),
         RawFrame("run", f"{SITE}/ipykernel/heartbeat.py", 106)],
        [RawFrame("_bootstrap", "/usr/lib/python3.11/threading.py", 995),
         RawFrame("f", "/work/hot.py", 5), RawFrame("Event.wait", "/usr/lib/python3.11/threading.py", 622)],
        [RawFrame("_listen", f"{OWN_FOLDER}profiling/pyspy.py", 5)],
        [CELL, RawFrame("stop", f"{OWN_FOLDER}profiling/sampler.py", 42),
         RawFrame("Thread.join", "/usr/lib/python3.11/threading.py", 1092)],
        [],
    ],
)  # fmt: skip
def test_machinery_and_idle_threads_are_left_out(stack: list[RawFrame]) -> None:
    """Nothing is left of them."""
    assert () == PLACES.fold(stack)


def test_a_users_thread_is_kept() -> None:
    """From its own first frame on; a library's frames too, where it runs nothing else."""
    begin = [RawFrame("_bootstrap", "/usr/lib/python3.11/threading.py", 995)]
    assert ("f (hot.py:5)",) == tuple(f.text for f in PLACES.fold([*begin, RawFrame("f", "/work/hot.py", 5)]))
    sort = RawFrame("sort", f"{SITE}/numpy/_core/fromnumeric.py", 1092)
    assert (Frame("sort", "numpy/_core/fromnumeric.py", 1092, "library"),) == PLACES.fold([*begin, sort])


def test_a_coroutine_of_a_users_module_is_kept() -> None:
    """Though a task of it runs in no cell."""
    assert ("f (hot.py:5)",) == tuple(f.text for f in PLACES.fold([*KERNEL[:2], RawFrame("f", "/work/hot.py", 5)]))


def test_imports_and_comprehensions_are_folded_into_what_they_stand_in() -> None:
    """A comprehension's line is its function's."""
    stack = [
        CELL,
        RawFrame("_find_and_load", "<frozen importlib._bootstrap>", 1176),
        RawFrame("burn", "/work/hot.py", 5),
        RawFrame("burn.<locals>.<genexpr>", "/work/hot.py", 6),
    ]
    assert ("<module> (In[3]:2)", "burn (hot.py:6)") == tuple(frame.text for frame in PLACES.fold(stack))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/work/hot.py", "own"),
        ("/home/u/lib.py", "own"),
        (f"{SITE}/numpy/_core/fromnumeric.py", "library"),
        ("/usr/lib/python3/dist-packages/x.py", "library"),
        ("/usr/lib/python3.13t/random.py", "library"),
        ("C:\\Python\\Lib\\random.py", "library"),
        (f"{OWN_FOLDER}ith/kernel.py", "library"),
        ("<__array_function__ internals>", "library"),
        ("libopenblas.so.0", "native"),
        ("lapack_lite.cpp", "native"),
    ],
)
def test_own_code_is_told_from_libraries(file: str, kind: str) -> None:
    """By where its file is."""
    assert kind == PLACES.fold([CELL, RawFrame("f", file, 1)])[-1].kind
