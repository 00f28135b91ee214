"""Parts of texts and values that are true only of one moment, folder or process: recognised, counted, left out."""
