"""`mammo export`, from a checkout."""

import sys

from commands.command_line import run_command

if __name__ == "__main__":
    sys.exit(run_command("export"))
