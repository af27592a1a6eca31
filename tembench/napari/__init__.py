"""Plug-in for napari: images denoised, columns coloured by evidence, microscopes' files opened.

- `layer_images`: the images of an image layer, and the layer of their denoised images
- `column_points`: the columns of a denoised image as points, coloured by evidence
- `dock_widget`: the panel with the method, its options, and the buttons
- `file_layers`: files of microscopes as image layers, read frame by frame

``napari.yaml`` tells napari what there is. napari is imported only when a function is called.
"""
