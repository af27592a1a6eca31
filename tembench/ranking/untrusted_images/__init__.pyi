from .image_stack import ImageStack as ImageStack
from .known_formats import open_image_stack as open_image_stack
