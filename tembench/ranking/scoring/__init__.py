"""Scoring: from the outputs of a method to scores of each image.

- `by_factor`: means of the scores by contrast, defocus, defect and other factors
- `image_scores`: scores of one image, and the digest of all
- `inspect_image`: figure of one denoised image with its columns and scores
- `kept_rows`: rows of scores that resume an interrupted scoring
- `long_format`: scores as one row per image and metric
- `metric_inputs`: inputs of the metrics, from a store
- `output_reader`: outputs, checked against their store and read image by image
- `outputs_fingerprint`: digest of everything that scores depend on
- `panel`: picture of one image that a submission contains
- `rankable`: splits that a look-up among the training images does not win
- `score`: scores of all images, written beside the outputs
- `scores_file`: the table of scores, written and read
- `shown_images`: crops of a few images that a submission contains
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
