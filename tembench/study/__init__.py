"""Studies: questions that take several trainings or several submissions to answer."""
