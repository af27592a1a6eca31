"""Entry point of ``python -m tembench``."""

from tembench.cli import main

if __name__ == "__main__":
    main()
