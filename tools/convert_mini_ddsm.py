"""`mammo convert-mini-ddsm`, from a checkout."""

import sys

from commands.convert_mini_ddsm import main

if __name__ == "__main__":
    sys.exit(main())
