from .clean_image import (
    check_drawable as check_drawable,
    noise_warning as noise_warning,
    shot_noise as shot_noise,
    vacuum_of_clean as vacuum_of_clean,
)
from .electron_counts import (
    check_finite as check_finite,
    narrow_counts as narrow_counts,
    value_step as value_step,
)
from .noise_level import (
    noise_over_mean as noise_over_mean,
    usual_noise_over_mean as usual_noise_over_mean,
)
from .outliers import (
    fill as fill,
    find_outliers as find_outliers,
)
from .resampling import (
    place_electrons as place_electrons,
    resample as resample,
    shape_at as shape_at,
    share_out as share_out,
)
from .vacuum import (
    find_vacuum as find_vacuum,
    likeliest_dose as likeliest_dose,
)
