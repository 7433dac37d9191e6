"""`mammo infer`, from a checkout."""

import sys

from commands.infer import main

if __name__ == "__main__":
    sys.exit(main())
