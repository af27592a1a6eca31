from .denoised_movie import (
    DenoisedMovie as DenoisedMovie,
    denoise_movie as denoise_movie,
    frame_numbers as frame_numbers,
    is_movie as is_movie,
)
from .frame_job import reach_of as reach_of
from .movie_rule import (
    MovieRule as MovieRule,
    rule_of as rule_of,
)
