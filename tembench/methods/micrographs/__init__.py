"""Image files from a microscope: read, brought to what a method was trained at, and back.

``reading`` and ``units`` know files, by their ``formats``; ``options`` is what the user says of
them. ``prepare`` makes of values what a method is given: ``electrons``, at the sampling of the
method's ``domain``, which ``lattice`` finds where a clean image does not say it.
``specimen_check`` and ``spectrum`` see an image that a method was not trained on. ``denoising``
puts them together for one file and ``batch`` for many: ``places`` chooses where results go,
``record`` says what made them, ``writing`` makes the files and ``messages`` the printed lines.
"""
