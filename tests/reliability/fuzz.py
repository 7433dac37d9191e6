"""Hand every parser bytes that coverage leads to, for so many seconds each.

python tests/reliability/fuzz.py --seconds 60
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2])]

MOST_MEGABYTES = 2048
LONGEST_SECONDS = 20


def fuzz_one(name: str, seconds: int, corpus: str) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["converters", "formats", "training", "pipeline"]):
        from reliability.parsers import PARSERS
    parser = PARSERS[name]
    (Path(corpus) / "good").write_bytes(parser.good)
    options = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-timeout={LONGEST_SECONDS}",
        f"-max_len={4 * len(parser.good)}",
    ]
    atheris.Setup([sys.argv[0], *options, corpus], lambda content: parser.accepts(content))
    atheris.Fuzz()


def fuzz_all(seconds: int) -> int:
    from reliability.parsers import PARSERS

    failed = []
    for name in PARSERS:
        with tempfile.TemporaryDirectory() as corpus:
            words = ["--seconds", str(seconds), "--parser", name, "--corpus", corpus]
            done = subprocess.run(
                [sys.executable, __file__, *words], capture_output=True, text=True, check=False
            )
        lines = done.stderr.splitlines()
        told = [line for line in lines if line.startswith("Done ")] or lines[-12:]
        print(f"{name}: exit {done.returncode}: " + "\n".join(told), flush=True)
        failed += [name] * (done.returncode != 0)
    return len(failed)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=60, help="for each parser")
    arguments.add_argument("--parser", help="only this one, in this process")
    arguments.add_argument("--corpus", help="folder for what is found on the way")
    given = arguments.parse_args()
    if given.parser:
        fuzz_one(given.parser, given.seconds, given.corpus)
    sys.exit(fuzz_all(given.seconds))
