from .data_scripts import (
    data_block as data_block,
    packed as packed,
    write_data as write_data,
)
from .image_factors import (
    FactorGroup as FactorGroup,
    factor_groups as factor_groups,
    image_factors as image_factors,
)
from .image_scores import write_image_scores as write_image_scores
from .site_pages import SitePages as SitePages
from .table_records import plain_table as plain_table
from .vendored import copy_assets as copy_assets
from .write_site import write_site as write_site
