"""`mammo calibrate`, from a checkout."""

import sys

from commands.calibrate import main

if __name__ == "__main__":
    sys.exit(main())
