from .check_drawn import (
    check_drawn_recipe as check_drawn_recipe,
)
from .drawn_columns import (
    FIELDS as FIELDS,
    pack_columns as pack_columns,
    unpack_columns as unpack_columns,
)
from .drawn_contents import (
    CLEAN_STEP as CLEAN_STEP,
    MASKS as MASKS,
    DrawnContents as DrawnContents,
    Place as Place,
)
from .drawn_store import (
    DrawnStore as DrawnStore,
)
from .drawn_truth import (
    displaced as displaced,
    drawn_sites as drawn_sites,
)
from .drawn_values import (
    DRAWN_FACTORS as DRAWN_FACTORS,
    image_values as image_values,
    number_names as number_names,
    specimen_table as specimen_table,
    text_names as text_names,
    values_table as values_table,
)
from .final_coordinates import (
    damaged_final as damaged_final,
    finalize as finalize,
    is_final as is_final,
    not_final as not_final,
)
from .group_columns import (
    GROUP_NUMBERS as GROUP_NUMBERS,
    GROUP_TEXTS as GROUP_TEXTS,
    grouping_values as grouping_values,
)
from .recipe_cell import (
    motion_reach_A as motion_reach_A,
    needed_padding_A as needed_padding_A,
    recipe_padding_A as recipe_padding_A,
    stored_spectrum_shape as stored_spectrum_shape,
)
from .simulate_specimen import (
    BuiltSpecimen as BuiltSpecimen,
    SpecimenImages as SpecimenImages,
    StoredWave as StoredWave,
    built_specimen as built_specimen,
    record_image as record_image,
    simulate_specimen as simulate_specimen,
)
from .stored_waves import (
    StoredSpecimenWaves as StoredSpecimenWaves,
    wave_differences as wave_differences,
)
