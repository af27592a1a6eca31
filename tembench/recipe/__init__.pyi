from .canonical import (
    canonical_form as canonical_form,
    from_canonical_form as from_canonical_form,
    recipe_id as recipe_id,
)
from .draws.components import (
    AtomsFile as AtomsFile,
    Component as Component,
    Crystal as Crystal,
    Defects as Defects,
    Film as Film,
    Orientation as Orientation,
    Particle as Particle,
    PtCeO2 as PtCeO2,
    Slab as Slab,
    Strain as Strain,
)
from .draws.distributions import (
    limits_of as limits_of,
)
from .draws.draw_seed import (
    DrawSeed as DrawSeed,
    Redraw as Redraw,
    SecretSeed as SecretSeed,
)
from .draws.drawn_canonical import (
    recipe_files as recipe_files,
)
from .draws.drawn_coordinates import (
    ValueName as ValueName,
    drawn_values as drawn_values,
    recorded_camera as recorded_camera,
    value_names as value_names,
)
from .draws.drawn_recipe import (
    DRAWN_PARTS as DRAWN_PARTS,
    MOVIE as MOVIE,
    Camera as Camera,
    DrawnRecipe as DrawnRecipe,
    Exposure as Exposure,
    Frame as Frame,
    Optics as Optics,
    Physics as Physics,
    Scored as Scored,
    SpecimenKind as SpecimenKind,
)
from .draws.image_draws import (
    DrawnImage as DrawnImage,
    draw_images as draw_images,
)
from .draws.parsing.atoms_files import atoms_file as atoms_file
from .draws.specimen_draws import (
    DrawnSpecimen as DrawnSpecimen,
    draw_specimen as draw_specimen,
    drawn_kind as drawn_kind,
    specimen_seed as specimen_seed,
)
from .load import (
    AnyRecipe as AnyRecipe,
    load_closed_recipe as load_closed_recipe,
    load_recipe as load_recipe,
)
from .microscope_presets import (
    MICROSCOPE_PRESETS as MICROSCOPE_PRESETS,
    Preset as Preset,
)
from .model import (
    BLANK as BLANK,
    CONTRASTS as CONTRASTS,
    PARTS as PARTS,
    SCORED_PARTS as SCORED_PARTS,
    SPLITS as SPLITS,
    STANDARD as STANDARD,
    SUBSET_PART as SUBSET_PART,
    TEST_PARTS as TEST_PARTS,
    TRACKS as TRACKS,
    Box as Box,
    ColumnRow as ColumnRow,
    Condition as Condition,
    Detector as Detector,
    Microscope as Microscope,
    Model as Model,
    PlatinumParticle as PlatinumParticle,
    Recipe as Recipe,
    Simulation as Simulation,
    Splits as Splits,
    Support as Support,
    Vacancy as Vacancy,
)
from .parse_closed import (
    parse_recipe as parse_recipe,
)
from .recipe_writer import (
    new_recipe_text as new_recipe_text,
    write_new_recipe as write_new_recipe,
)
from .redraw import (
    RecipeName as RecipeName,
    fresh_recipe as fresh_recipe,
    public_ids as public_ids,
    sealed_recipe as sealed_recipe,
    unsealed as unsealed,
)
from .seal_file import (
    create_seal_file as create_seal_file,
    read_seal_file as read_seal_file,
)
