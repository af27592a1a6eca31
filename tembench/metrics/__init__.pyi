from .blobs import (
    Blobs as Blobs,
    find_blobs as find_blobs,
)
from .columns import (
    DENOISED_THRESHOLD as DENOISED_THRESHOLD,
    SIGMA_A as SIGMA_A,
    Sites as Sites,
    find_truth as find_truth,
    read_columns as read_columns,
)
from .evidence.column_limits import (
    detectability as detectability,
    detection_error as detection_error,
    fitted_psnr_db as fitted_psnr_db,
    gaussian_column as gaussian_column,
    position_bound_px as position_bound_px,
)
from .evidence.column_marks import (
    column_marks as column_marks,
    invented_discs as invented_discs,
    true_discs as true_discs,
)
from .fidelity import (
    BLANK_PSNR_DB as BLANK_PSNR_DB,
    psnr_db as psnr_db,
    score_images as score_images,
    ssim as ssim,
)
from .filters import (
    blob_response as blob_response,
    smoothed as smoothed,
)
from .inputs import (
    DISC_A as DISC_A,
    FALSE_ALARM_RATE as FALSE_ALARM_RATE,
    MetricInputs as MetricInputs,
    Nulls as Nulls,
    disc_radius_px as disc_radius_px,
    poisson_null as poisson_null,
    search_px as search_px,
)
from .likelihood import column_ratio as column_ratio
from .matching import (
    MATCH_A as MATCH_A,
    ColumnCounts as ColumnCounts,
    match as match,
)
from .metric import (
    Metric as Metric,
    mean as mean,
)
from .null_distribution import Null as Null
from .pixel_means import disc_pixels as disc_pixels
from .registry import (
    GROUPS as GROUPS,
    METRICS as METRICS,
    evaluate as evaluate,
    versions as versions,
    worst_of as worst_of,
)
from .unsupervised import (
    Estimate as Estimate,
    estimate_paired_umse as estimate_paired_umse,
    estimate_umse as estimate_umse,
    estimate_umse_poisson as estimate_umse_poisson,
    upsnr_db as upsnr_db,
)
