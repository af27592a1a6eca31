from .image_stack import ImageStack as ImageStack
from .open_images import open_images as open_images
