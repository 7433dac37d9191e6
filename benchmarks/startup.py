"""Time of every command's `--help`, against importing torch in the same run.

    python benchmarks/startup.py [--rounds 5]

Each is a process of its own; they take turns, and the table gives medians and ratios.
"""

import argparse
import statistics
import subprocess
import sys
import time

from commands.command_line import COMMANDS

MAMMO = [sys.executable, "-m", "commands"]
IMPORT = "import torch"


def seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    commands = {IMPORT: [sys.executable, "-c", IMPORT]}
    commands["mammo --help"] = [*MAMMO, "--help"]
    commands |= {f"mammo {name} --help": [*MAMMO, name, "--help"] for name in COMMANDS}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            value = seconds(command)
            # The first turn fills the file cache.
            if turn:
                taken[name].append(value)
    torch_seconds = statistics.median(taken[IMPORT])
    print(f"{'command':32} {'median s':>9} {'/ import torch':>15}")
    for name, values in taken.items():
        median = statistics.median(values)
        print(f"{name:32} {median:9.3f} {median / torch_seconds:15.3f}")


if __name__ == "__main__":
    main()
