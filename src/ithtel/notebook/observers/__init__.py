"""The observers of a running cell: names, values, random streams, files, outputs, imports."""
