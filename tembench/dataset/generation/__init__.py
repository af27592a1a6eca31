"""Generation of data sets: simulation of their models, verification and repair.

- `check_models`: checks that the models of a recipe can be built
- `create_store`: empty stores
- `generate`: generation of a store, resumable and with several workers
- `input_store`: stores of noisy images alone, for running untrusted methods
- `opaque_numbers`: numbers of images that inputs give to them
- `plan_generation`: time, memory and size of a generation, from a few of its tasks
- `reimage`: a store generated from the exit waves of another
- `simulate_model`: simulation of one model's images
- `simulate_task`: simulation of one task's arrays, of any recipe
- `verify`: verification against digests and a new simulation, and repair
- `workload`: tasks of a recipe, simulated without a store
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
