from .clean_image import (
    check_drawable as check_drawable,
)
from .clean_image import (
    noise_warning as noise_warning,
)
from .clean_image import (
    shot_noise as shot_noise,
)
from .clean_image import (
    vacuum_of_clean as vacuum_of_clean,
)
from .electron_counts import (
    as_counts as as_counts,
)
from .electron_counts import (
    check_finite as check_finite,
)
from .outliers import (
    fill as fill,
)
from .outliers import (
    find_outliers as find_outliers,
)
from .resampling import (
    place_electrons as place_electrons,
)
from .resampling import (
    resample as resample,
)
from .resampling import (
    shape_at as shape_at,
)
from .resampling import (
    share_out as share_out,
)
from .vacuum import (
    find_vacuum as find_vacuum,
)
from .vacuum import (
    likeliest_dose as likeliest_dose,
)
