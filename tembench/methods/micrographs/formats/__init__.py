"""File formats of images: each module describes what is in a file as ``StoredImage``s.

``opening`` chooses the module by the suffix; nothing is read before a caller asks for one frame.
"""
