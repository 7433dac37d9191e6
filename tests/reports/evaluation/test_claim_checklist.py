from reports.evaluation.claim_checklist import ITEMS, SECTIONS


def test_every_item_of_the_checklist_stands_once_in_its_order() -> None:
    assert [item.number for item in ITEMS] == list(range(1, 45))


def test_every_item_is_answered_by_a_section_or_left_to_the_user() -> None:
    for item in ITEMS:
        assert set(item.answered_in) <= set(SECTIONS), item
        assert item.answered_in or item.to_add, item
