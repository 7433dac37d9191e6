"""How many small changes of the code that decides figures some test notices, of a random sample.

mutmut makes every change; all of them would take a night.

    python tests/reliability/mutation_score.py --sample 600
    python tests/reliability/mutation_score.py --package converters --sample 250 --seed 1
"""

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "mutants"
# One small file's: running them makes all mutants, and chooses the tests of each.
FIRST_MUTANTS = "formats.geometry.box_sizes.*"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=600)
    parser.add_argument("--package", default="", help="whose mutants alone are drawn")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    run(FIRST_MUTANTS)
    names = sorted(name for name in exit_codes() if name.startswith(asked.package))
    sample = random.Random(asked.seed).sample(names, min(asked.sample, len(names)))
    run(*sample)
    codes = exit_codes()
    outcomes = {name: status_by_exit_code[codes[name]] for name in sample}
    for name, outcome in sorted(outcomes.items()):
        if outcome != "killed":
            print(f"{outcome}: {name}")
    counts = Counter(outcomes.values())
    print(
        f"{counts['killed'] / len(sample):.3f} of {len(sample)} of {len(names)} mutants: {counts}"
    )


def run(*names: str) -> None:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def exit_codes() -> dict[str, int | None]:
    """Return each mutant's, by name; None where it was not run."""
    codes: dict[str, int | None] = {}
    for path in MUTANTS.rglob("*.meta"):
        codes |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


if __name__ == "__main__":
    main()
