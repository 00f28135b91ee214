"""One line of a log: how an event and its envelope are encoded."""
