"""Real py-spy on real processes, and what there is where it may not attach."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hot
from ithtel.profiling.frames import Places
from ithtel.profiling.profiler import Profiler, Samples
from ithtel.profiling.pyspy import AttachError, Options
from ithtel.profiling.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

HOT = Path(hot.__file__)


def hottest(samples: Samples) -> str:
    """Return the function that took the most time."""
    return Stacks.fold(samples.raw, Places(cwd=str(HOT.parent))).hottest()[0].function


def pyspies() -> list[str]:
    """Return the py-spy processes that this one has started and that still run."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = " ".join(path.read_text(encoding="ascii") for path in children).split()
    return [pid for pid in pids if "py-spy" in Path(f"/proc/{pid}/comm").read_text(encoding="ascii")]


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, that is busy for longer than any test."""
    child = subprocess.Popen([sys.executable, str(HOT), "60", "0"])
    yield child
    child.kill()
    child.wait()


@pytest.mark.kernel
def test_pyspy_sees_the_planted_loop_in_this_process() -> None:
    """From a child; nothing of it is left."""
    profiler = Profiler(Options())
    profiler.start()
    hot.main(0.6)
    samples = profiler.stop()
    assert ("py-spy", None, "burn") == (samples.sampler, samples.reason, hottest(samples))
    assert [] == pyspies()


@pytest.mark.kernel
def test_pyspy_sees_what_gives_the_lock_away() -> None:
    """NumPy's sort; with `gil` it is not there."""
    import numpy as np

    data = np.random.default_rng(1).random(1_000_000)

    def sort_on(options: Options) -> int:
        profiler = Profiler(options)
        profiler.start()
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            np.sort(data)
        seen = Stacks.fold(profiler.stop().raw, Places())
        return sum(n for stack, n in seen.counts.items() if stack[-1].function == "sort")

    assert sort_on(Options()) > 5 + 5 * sort_on(Options(gil=True))


@pytest.mark.kernel
def test_pyspy_sees_another_process(busy: subprocess.Popen[bytes]) -> None:
    """Until the duration is over."""
    time.sleep(0.3)
    profiler = Profiler(Options(duration_s=1), pid=busy.pid)
    profiler.start()
    profiler.wait()
    samples = profiler.stop()
    assert "burn" == hottest(samples)
    assert busy.poll() is None


@pytest.mark.kernel
def test_native_frames_are_seen_on_request() -> None:
    """Of the interpreter itself, and of libraries."""
    profiler = Profiler(Options(native=True))
    profiler.start()
    sorted(os.urandom(30_000_000))
    samples = profiler.stop()
    kinds = {frame.kind for stack in Stacks.fold(samples.raw, Places()).counts for frame in stack}
    assert "native" in kinds


@pytest.mark.kernel
def test_another_process_that_cannot_be_seen_is_an_error() -> None:
    """One that does not exist, and one that is not Python."""
    with pytest.raises(AttachError, match=r"py-spy cannot attach to process 4194304: no such file"):
        Profiler(Options(), pid=2**22).start()
    child = subprocess.Popen(["sleep", "60"])
    with pytest.raises(AttachError, match=rf"process {child.pid}: .* \(only py-spy can sample another process\)"):
        Profiler(Options(), pid=child.pid).start()
    child.kill()
    child.wait()
    assert [] == pyspies()


DENIED = """
import ctypes, sys
sys.path[:0] = sys.argv[1:]
ctypes.CDLL(None).prctl(24, 19, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_SYS_PTRACE: as in a container
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)    # PR_SET_DUMPABLE: nobody may attach without that capability
import hot
from ithtel.profiling.profiler import Profiler, Options
from ithtel.profiling.frames import Places
from ithtel.profiling.stacks import Stacks
profiler = Profiler(Options())
profiler.start()
hot.main(0.6)
samples = profiler.stop()
print(samples.sampler, "|", samples.reason, "|", Stacks.fold(samples.raw, Places()).hottest()[0].function)
"""


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="forbids attaching as Linux does")
def test_where_the_system_forbids_attaching_a_thread_samples() -> None:
    """The reason is exact, the hot function the same."""
    paths = [str(HOT.parent), *filter(None, sys.path)]
    done = subprocess.run([sys.executable, "-c", DENIED, *paths], capture_output=True, text=True, check=True)
    sampler, reason, function = map(str.strip, done.stdout.split("|"))
    assert ("in-process", "burn") == (sampler, function)
    assert reason.startswith("py-spy cannot attach to this process: permission denied")


@pytest.mark.usefixtures("_no_pyspy")
def test_without_pyspy_a_thread_samples() -> None:
    """And names how to get it; the duration holds for it, too."""
    profiler = Profiler(Options(rate_hz=200, duration_s=0.1))
    profiler.start()
    hot.main(0.4)
    samples = profiler.stop()
    assert "in-process" == samples.sampler
    assert "py-spy is not installed (pip install 'ithtel[profile]')" == samples.reason
    stacks = Stacks.fold(samples.raw, Places())
    # of this thread: whoever runs the tests may have others, such as pytest-xdist
    seen = {stack: n for stack, n in stacks.counts.items() if "main" in {frame.function for frame in stack}}
    assert 1 <= sum(seen.values()) <= 30
    assert "burn" == max(seen, key=lambda stack: seen[stack])[-1].function


@pytest.mark.usefixtures("_no_pyspy")
def test_an_idle_thread_is_not_sampled() -> None:
    """One that waits for an event."""
    event = threading.Event()
    waiting = threading.Thread(target=event.wait)
    waiting.start()
    profiler = Profiler(Options(rate_hz=200))
    profiler.start()
    hot.main(0.2)
    samples = profiler.stop()
    event.set()
    waiting.join()
    stacks = Stacks.fold(samples.raw, Places())
    functions = [frame.function for stack in stacks.counts for frame in stack]
    assert "main" in functions
    assert "Event.wait" not in functions
