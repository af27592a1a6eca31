"""Methods run on a store.

- `apply`: one image through one denoiser, with the checks of the contract
- `denoise`: the images of a part, with run time and peak memory
- `drawn_parameters`: parameters that suit the images of a drawn recipe
- `output_writer`: the folder of outputs, resumable
- `training_data`: what a store offers for training
- `train`: a training on a store, with its record
- `tune`: parameters chosen on validation images
"""
