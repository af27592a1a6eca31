"""Images of a drawn recipe: aberrations, coherence, motion and camera.

- `aberrations`: phase of the objective lens, and its gradient
- `coherence`: averages over focus and over angles of illumination
- `image_formation`: the image of an exit wave
"""
