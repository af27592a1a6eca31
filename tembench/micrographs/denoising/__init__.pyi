from .counted_image import (
    FILE as FILE,
    FOUND as FOUND,
    OPTION as OPTION,
    CountedImage as CountedImage,
    count_image as count_image,
    counting_by as counting_by,
    described_counting as described_counting,
    described_pixels as described_pixels,
    square_ratios as square_ratios,
    with_likelier_dose as with_likelier_dose,
)
from .denoised_file import (
    DenoisedFile as DenoisedFile,
    denoise_file as denoise_file,
    unusual_for as unusual_for,
)
from .file_record import (
    RECORD_KEY as RECORD_KEY,
    as_text as as_text,
    differences as differences,
    image_record as image_record,
    is_intact as is_intact,
    maker_of as maker_of,
    movie_record as movie_record,
    origin_of as origin_of,
    read_record as read_record,
)
from .write_image import (
    preview_bytes as preview_bytes,
    tiff_bytes as tiff_bytes,
)
