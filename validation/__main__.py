"""``python -m validation`` is the command ``qbval``."""

from validation.cli import main

if __name__ == "__main__":
    main()
