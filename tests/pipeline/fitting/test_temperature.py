import numpy as np
import pytest
from scipy.special import softmax

from pipeline.fitting.temperature import fit_temperature, held_out_probabilities


def drawn(count: int, multiplied_by: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are as sure as `multiplied_by` times what the labels bear out."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (count, 2))
    labels = (random.random(count) < softmax(logits, axis=1)[:, 1]).astype(int)
    return multiplied_by * logits, labels


@pytest.mark.parametrize("factor", [1, 3])
def test_temperature_undoes_what_the_logits_were_multiplied_by(factor: float) -> None:
    assert fit_temperature(*drawn(20000, factor)) == pytest.approx(factor, rel=0.05)


def test_one_class_says_nothing_about_the_temperature() -> None:
    logits, _ = drawn(50, 1)

    assert fit_temperature(logits, np.ones(50, dtype=int)) == 1


def test_no_lesion_takes_part_in_its_own_patients_temperature() -> None:
    logits, labels = drawn(400, 3)
    patients = np.arange(400) // 4
    of_patient = patients == 7
    turned = np.where(of_patient, 1 - labels, labels)

    held_out = held_out_probabilities(logits, labels, patients)

    assert np.array_equal(
        held_out[of_patient], held_out_probabilities(logits, turned, patients)[of_patient]
    )
    assert not np.array_equal(held_out, softmax(logits, axis=1))
    temperatures = np.ptp(logits, axis=1) / np.abs(np.diff(np.log(held_out), axis=1))[:, 0]
    assert temperatures == pytest.approx(3, rel=0.3)
    assert len(np.unique(temperatures.round(9))) == 5


def test_a_single_patient_leaves_nothing_to_fit_on() -> None:
    logits, labels = drawn(20, 3)
    probabilities = held_out_probabilities(logits, labels, np.zeros(20, dtype=int))

    assert probabilities == pytest.approx(softmax(logits, axis=1))
