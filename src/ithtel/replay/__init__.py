"""Run a recorded session again: rebuild its notebook, and run it in a fresh kernel in a copy of its folder.

`kernel` holds what starts the kernel and what runs inside of it. A module here never reads a log by itself: `commands`
hands it a `History`.
"""
