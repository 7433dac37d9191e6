import platform
import subprocess
import sys

import pytest

FAULTS_OF_A_STEP = """
import resource, sys
import torch
from training.freed_memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def step():
    maps = [torch.ones(12 * 2**20) for _ in range(4)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    del maps
    maps = [torch.ones(12 * 2**20) for _ in range(4)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
# The heap has its lasting shape after a few.
print([step() for _ in range(5)][-1])
"""


def page_faults(way: str) -> int:
    command = [sys.executable, "-c", FAULTS_OF_A_STEP, way]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_was_freed_is_used_again_without_asking_the_system() -> None:
    assert page_faults("kept") < page_faults("given back") / 4
