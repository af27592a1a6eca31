from .image_stack import ImageStack as ImageStack
from .known_formats import open_images as open_images
