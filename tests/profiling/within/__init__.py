"""`sitecustomize` runs inside of other programs, which only the tests of whole programs can start."""

TESTED_BY = {"sitecustomize": "tests/profiling/test_program.py"}
