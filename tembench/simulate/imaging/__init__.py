"""Images of a drawn recipe: aberrations, coherence, motion and camera.

- `camera`: the image that a camera records, its noise power and its DQE
- `motion`: drift, jitter and jumping atoms during the frames of an image
"""
