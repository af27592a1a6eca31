"""Physics: from a model's description to expected electrons and counts; knows nothing of files."""
