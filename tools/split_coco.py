"""`mammo split-coco`, from a checkout."""

import sys

from commands.split_coco import main

if __name__ == "__main__":
    sys.exit(main())
