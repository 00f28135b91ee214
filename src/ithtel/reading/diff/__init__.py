"""Compares two sessions: aligns their cells, compares values, finds causes and their effects, and gives a verdict."""
