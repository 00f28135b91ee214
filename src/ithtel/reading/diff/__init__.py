"""Two sessions compared: alignment of cells, comparison of values, causes, what follows from them, the verdict."""
