"""What the text of a cell says before it runs: names, data flow, seeds, imports. `dataflow` is the way in."""
