from .data_scripts import (
    data_block as data_block,
    packed as packed,
    write_data as write_data,
)
from .definitions import (
    column_definitions as column_definitions,
    metrics_of as metrics_of,
)
from .factor_table import (
    FACTOR_TITLES as FACTOR_TITLES,
    FactorGroup as FactorGroup,
    factor_groups as factor_groups,
    image_factors as image_factors,
)
from .image_viewer import write_image_viewer as write_image_viewer
from .means_by_group import group_means as group_means
from .method_page import write_method_pages as write_method_pages
from .recipe_card import recipe_cards as recipe_cards
from .score_data import write_image_scores as write_image_scores
from .site_folder import write_site as write_site
from .site_pages import SitePages as SitePages
from .table_records import plain_table as plain_table
from .vendored import copy_assets as copy_assets
