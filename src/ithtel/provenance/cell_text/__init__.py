"""Static analysis of a cell's text: names and data flow (start at `dataflow`), seeds, imports, nondeterminism."""
