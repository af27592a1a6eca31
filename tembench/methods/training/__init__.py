"""Training of networks: objectives, batches and their caches, the loop, and the files it leaves.

- `config`: training settings and learning-rate schedules
- `losses`: loss functions by name
- `objective`: `Objective`, a batch sampler and a validation score; the supervised one
- `self_supervised`: objectives without clean images: binomial thinning and blind spots
- `frame_pairs`: the objective on frames of a movie, predicted from one another
- `samples`: batches of training samples
- `loop`: `fit`, the training loop
- `trainer`: `Trainer`, one optimiser step and the average of the weights
- `muon`: the optimiser Muon
- `history`: ``history.csv`` and ``curve.png``
- `checkpoint`: weights, checkpoint and ``fit.toml``
- `records`: ``training.toml`` and ``fit.toml`` read and checked (without torch)
"""
