from .denoised_movie import (
    DenoisedMovie as DenoisedMovie,
    denoise_movie as denoise_movie,
    is_movie as is_movie,
)
from .movie_rule import (
    MovieRule as MovieRule,
)
