"""What watches a cell while it runs: names, values, random streams, files, outputs, imports."""
