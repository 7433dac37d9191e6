import platform
import subprocess
import sys

import pytest

FAULTS_OF_A_STEP = """
import resource, sys
import torch
from training.allocation import keep_freed_memory
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


HEAPS_OF_THREADS = """
import ctypes, sys, threading
from concurrent.futures import ThreadPoolExecutor
from training.allocation import share_one_heap
if sys.argv[1] == "shared":
    share_one_heap()
all_there = threading.Barrier(4)
def allocate(number):
    all_there.wait()
    return bytes(10_000 + number)
with ThreadPoolExecutor(4) as pool:
    held = list(pool.map(allocate, range(4)))
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
standard_output = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, standard_output)
libc.fflush(standard_output)
"""
glibc_only = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


@glibc_only
def test_threads_share_a_heap() -> None:
    assert heap_count("shared") == 1
    assert heap_count("own") > 1


def heap_count(way: str) -> int:
    command = [sys.executable, "-c", HEAPS_OF_THREADS, way]
    described = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return described.count("<heap nr=")


@glibc_only
def test_what_was_freed_is_used_again_without_asking_the_system() -> None:
    assert page_faults("kept") < page_faults("given back") / 4
