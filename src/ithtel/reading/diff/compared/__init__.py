"""Two runs of one cell, compared: values, streams, outputs, files, and what could not be compared."""
