from pathlib import Path

from reliability.torture import torture


def test_killed_at_random_moments_training_goes_on_to_the_same_end(tmp_path: Path) -> None:
    tally = torture(kills=2, folder=tmp_path, seed=0)

    assert tally.kills == 2
    assert tally.ended >= 1
    assert (tally.failed_resumes, tally.ended_differently) == (0, 0)
