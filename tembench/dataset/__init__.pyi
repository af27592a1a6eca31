from .contents import contents_of as contents_of
from .drawn.check_drawn import check_draws as check_draws
from .drawn.drawn_contents import (
    CLEAN_STEP as CLEAN_STEP,
    Place as Place,
)
from .drawn.drawn_store import DrawnStore as DrawnStore
from .drawn.drawn_truth import drawn_sites as drawn_sites
from .drawn.drawn_values import (
    DRAWN_FACTORS as DRAWN_FACTORS,
    specimen_table as specimen_table,
)
from .drawn.recipe_cell import recipe_padding_A as recipe_padding_A
from .drawn.simulate_specimen import simulate_specimen as simulate_specimen
from .generation.check_models import load_checked_recipe as load_checked_recipe
from .generation.generate import (
    Generation as Generation,
    generate as generate,
)
from .generation.input_store import (
    open_inputs as open_inputs,
    write_inputs as write_inputs,
)
from .generation.opaque_numbers import (
    opaque_numbers as opaque_numbers,
    own_numbers as own_numbers,
)
from .generation.plan_generation import (
    GenerationPlan as GenerationPlan,
    plan_generation_of as plan_generation_of,
    plan_text as plan_text,
)
from .generation.reimage import reimage as reimage
from .generation.simulate_model import simulate_model as simulate_model
from .generation.simulate_task import simulate_task as simulate_task
from .generation.verify import verify as verify
from .generation.workload import (
    Workload as Workload,
    workload_of as workload_of,
)
from .ground_truth import image_sites as image_sites
from .image_table import spread as spread
from .noisy_image import (
    NoisyImage as NoisyImage,
    NoisySeries as NoisySeries,
)
from .opening import open_store as open_store
from .other_noise import with_noise as with_noise
from .reports.card_content import (
    CITATION as CITATION,
    card_content as card_content,
)
from .reports.data_card import (
    CROISSANT as CROISSANT,
    DATA_CARD as DATA_CARD,
    croissant_text as croissant_text,
    data_card_text as data_card_text,
    write_data_card as write_data_card,
)
from .reports.describe import (
    describe_generation as describe_generation,
    describe_recipe as describe_recipe,
    describe_store as describe_store,
    generation_text as generation_text,
    recipe_text as recipe_text,
    store_text as store_text,
    verification_text as verification_text,
)
from .reports.figures import (
    contact_sheet as contact_sheet,
    image_label as image_label,
    model_sheet as model_sheet,
)
from .reports.preview import draw_preview as draw_preview
from .splits import (
    SUBSET_IMAGES as SUBSET_IMAGES,
    balanced_draw as balanced_draw,
    part_images as part_images,
)
from .storage.fast_read import (
    REPAIR as REPAIR,
    read_file as read_file,
)
from .storage.layout import consolidate as consolidate
from .storage.packing import Packing as Packing
from .store import Store as Store
from .stored_images import (
    stored_counts as stored_counts,
    stored_packed as stored_packed,
)
from .wave_images import WaveImages as WaveImages
