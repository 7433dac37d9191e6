"""`mammo train-detector`, from a checkout."""

import sys

from commands.train_detector import main

if __name__ == "__main__":
    sys.exit(main())
