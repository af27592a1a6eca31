"""Networks adapted to the user's own noisy frames, without clean images.

- `frame_stack`: the frames of the user's files as counts, on pixels of one size
- `held_out_frames`: frames and electrons that are not trained on, and the judgement by them
- `training_sets`: what a method is trained on, by the way that suits it
- `time_budget`: the number of steps that a training can take in a time
- `adapt`: a whole adaptation, from files to a folder of weights
"""
