"""A planted hot loop: `burn` takes the time, `main` calls it, `glance` takes next to none."""

import sys
import time


def burn(seconds: float) -> int:
    """Keep the interpreter busy."""
    total, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        total += sum(i * i for i in range(1000))
    return total


def glance() -> int:
    """Do very little."""
    return 1


def main(seconds: float) -> None:
    """Call both."""
    burn(seconds)
    glance()


if __name__ == "__main__":
    main(float(sys.argv[1]))
    sys.stdout.write("done\n")
    sys.exit(int(sys.argv[2]))
