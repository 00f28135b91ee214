"""A timeline becomes something to look at."""
