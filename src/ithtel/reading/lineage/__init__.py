"""Where a value comes from: the cells, data, seeds and code that it depends on."""
