"""The names that a cell uses: how the text of a cell is read. `ithtel.provenance.dataflow` is the way in."""
