"""`mammo run-study`, from a checkout."""

import sys

from commands.run_study import main

if __name__ == "__main__":
    sys.exit(main())
