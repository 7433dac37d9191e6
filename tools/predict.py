"""`mammo predict`, from a checkout."""

import sys

from commands.predict import main

if __name__ == "__main__":
    sys.exit(main())
