from .check_store import (
    check_arrays as check_arrays,
    open_group as open_group,
    read_recipe as read_recipe,
)
from .expected_arrays import (
    declared_metadata as declared_metadata,
    expected_coordinates as expected_coordinates,
)
from .fast_read import (
    REPAIR as REPAIR,
    chunk_file as chunk_file,
    is_lost as is_lost,
    kind_of as kind_of,
    read_chunk as read_chunk,
    read_file as read_file,
)
from .layout import (
    COLUMN_ARRAYS as COLUMN_ARRAYS,
    LAYOUT_VERSION as LAYOUT_VERSION,
    N_COPIES as N_COPIES,
    RECIPE_FILES as RECIPE_FILES,
    SEALED_IDS as SEALED_IDS,
    SIMULATED as SIMULATED,
    add_coordinate as add_coordinate,
    add_factor as add_factor,
    columns_of as columns_of,
    compression as compression,
    consolidate as consolidate,
    create_arrays as create_arrays,
    create_clean as create_clean,
    create_counts as create_counts,
    create_digests as create_digests,
    create_exit_waves as create_exit_waves,
    create_factors_under_test as create_factors_under_test,
)
from .packing import (
    Packing as Packing,
    pack_noisy as pack_noisy,
    unpack_noisy as unpack_noisy,
)
from .store_files import (
    STORED_PARTS as STORED_PARTS,
    StoreFiles as StoreFiles,
    open_files as open_files,
)
