"""What a replay takes from outside of its cells: recorded times and answers, and the environment that it runs in."""
