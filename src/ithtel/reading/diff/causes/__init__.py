"""Why two runs of a cell differ, from the cell, its streams, its text and what it asked outside."""
