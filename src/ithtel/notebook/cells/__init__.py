"""Executions of cells: one execution with its report, and the stack of those under way."""
