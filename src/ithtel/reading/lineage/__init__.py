"""Where a value comes from: the cells, data, seeds and code upstream of it."""
