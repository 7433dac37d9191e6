"""`mammo train-classifier`, from a checkout."""

import sys

from commands.train_classifier import main

if __name__ == "__main__":
    sys.exit(main())
