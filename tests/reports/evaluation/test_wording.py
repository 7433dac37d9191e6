from made_rows import make_lesions, make_views

from evaluation.boxes.average_precision import COCO_KEYS
from evaluation.boxes.froc import CRITERIA, lesion_groups
from evaluation.method_figures import HEADLINES
from reports.evaluation import wording


def test_every_key_has_a_wording() -> None:
    groups = lesion_groups(make_views([0]), make_lesions([0], [(1, 1, 5, 5)]))

    assert list(wording.HEADLINES) == list(HEADLINES)
    assert list(wording.COCO_NUMBERS) == list(COCO_KEYS)
    assert set(wording.CRITERIA) == set(CRITERIA)
    assert list(wording.LESION_GROUPS) == list(groups)


def test_no_two_wordings_of_a_table_are_alike() -> None:
    for table in (
        wording.HEADLINES,
        wording.COCO_NUMBERS,
        wording.COCO_CLASSES,
        wording.LESION_GROUPS,
        wording.CLASSIFICATION_FIGURES,
        wording.LESION_FIGURES,
        wording.SITE_FIGURES,
    ):
        assert len(set(table.values())) == len(table)


def test_rates_are_written_as_fractions() -> None:
    assert [wording.rate_name(rate) for rate in (0.125, 0.5, 1.0, 8.0)] == ["1/8", "1/2", "1", "8"]
