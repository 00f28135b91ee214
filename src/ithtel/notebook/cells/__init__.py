"""The cell that runs now, and the cells around it."""
