"""Image files from a microscope: read, brought to what a method was trained at, and back.

``reading`` and ``units`` know files, ``counts`` and ``vacuum`` what is in them, ``sampling`` pixels
of another size, ``domain`` what a method was trained at, ``specimen_check`` and ``spectrum`` see
an image that it was not trained on, ``lattice`` knows the specimens' lattices; ``denoising`` puts
them together for one file and ``batch`` for many: ``places`` chooses where results go, ``record``
says what made them, ``writing`` makes the files and ``messages`` the lines that are printed.
"""
