import pytest

from formats.site_letter import site_and_number


@pytest.mark.parametrize("case_id", ["C_0029", "c_0029", "C29"])
def test_letter_and_number_by_hand(case_id: str) -> None:
    assert site_and_number(case_id) == ("C", 29)


@pytest.mark.parametrize(("case_id", "run"), [("A_0000", 0), ("A_0199", 0), ("A_0200", 1)])
def test_runs_are_of_200(case_id: str, run: int) -> None:
    assert site_and_number(case_id).run == run


@pytest.mark.parametrize("case_id", ["", "C", "0029", "C-0029", "C_0029_LEFT", "C_"])
def test_other_names_have_no_site_letter(case_id: str) -> None:
    with pytest.raises(ValueError, match="no site letter"):
        site_and_number(case_id)
