"""`mammo make-phantoms`, from a checkout."""

import sys

from commands.make_phantoms import main

if __name__ == "__main__":
    sys.exit(main())
