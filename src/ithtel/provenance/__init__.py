"""What a result depends on: data, random state, environment, names, files. Returns events and emits none."""
