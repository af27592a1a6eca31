"""Images of a drawn recipe: aberrations, coherence, motion and camera.

- `aberrations`: phase of the objective lens, and its gradient
- `camera`: the image that a camera records, its noise power and its DQE
- `coherence`: averages over focus and over angles of illumination
- `image_formation`: the image of an exit wave
- `motion`: drift, jitter and jumping atoms during the frames of an image
- `optics_limits`: padding and coherence that the worst optics of a recipe need
- `transfer_distance`: distance of contrast transfer functions
"""
