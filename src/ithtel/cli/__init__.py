"""The command line: arguments, exit codes, printing. Each verb is a function that calls one command.

Exit codes: 0 success, 1 a negative verdict, 2 an error.
"""

from __future__ import annotations

from ithtel.cli.entry import main
from ithtel.cli.root import app

__all__ = ["app", "main"]
