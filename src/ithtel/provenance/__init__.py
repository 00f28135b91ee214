"""What a result depends on: data, random state, environment, names, files. Functions return events and emit none."""
