"""Studies: questions that need several trainings or several submissions to answer.

- `audit`: what a method loses when the same specimens are turned, moved or magnified
- `plan`: images that a study of generalisation trains, validates and tests on
- `train_and_score`: one network per value of a factor, and its scores
- `generalization`: the study of generalisation, from the plan to its tables
- `transfer_matrix`: scores by the value trained on and the value tested on
- `transfer_text`: that matrix as Markdown
- `transfer_figure`: that matrix as heat maps
- `scored_networks`: submitted UNets with their receptive fields and scores
- `field_of_view`: the effect of the receptive field, as tables and a figure
- `curves`: loss and validation curves of trainings, side by side
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
