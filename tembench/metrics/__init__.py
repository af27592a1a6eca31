"""Metrics: pure functions of one image's `MetricInputs`, each with a declaration for tables.

`METRICS` is the registry, in the order of the tables' columns; `evaluate` computes all of them for
one image. Images are compared at the scale where vacuum is 0.45 e/px: a peak of 1 e/px there is a
peak of dose / 0.45 e/px at another dose. Only the likelihoods use the counts as recorded.

- `metric`: the declaration of a metric, and means over images that have it
- `inputs`: everything that a metric may use of one image, shared results computed once
- `registry`: the declared metrics by group, and `evaluate`
- `fidelity`: PSNR, SSIM, MSE and skill
- `frc`: Fourier ring correlation and the resolution derived from it
- `columns`: the columns that the clean image shows, and those found in the denoised one
- `matching`: one-to-one matching of points, and the scores of a match
- `blobs`: bright blobs
- `filters`: the Gaussian filters that blobs are found with
- `occupancy`: numbers of atoms read from the brightness of columns
- `paper_protocol`: surface columns as the paper's released code counts them
- `likelihood`: log-likelihood ratios of counts against vacuum
- `null_distribution`: the distribution of those ratios in vacuum
- `unsupervised`: mean squared error without the clean image, for images of your own too
- `noisy_copies`: independent noisy copies of real images, for the metrics of `unsupervised`
- `pixel_means`: means over images, discs and Gaussians

- `evidence`: evidence for single columns, by brightness and by counting statistics
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
