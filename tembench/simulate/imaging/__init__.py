"""Images of a drawn recipe: aberrations, coherence, motion and camera."""
