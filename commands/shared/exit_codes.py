"""What a command tells the shell; 0 is fine, and argparse's own 2 is wrong usage."""

FAILED = 1
SOME_INPUTS_FAILED = 3
# As shells have it for a process that a signal ended: 128 and the signal's number.
SIGNALLED = 128
PIPE_CLOSED = 141
