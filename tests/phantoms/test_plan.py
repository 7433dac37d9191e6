from collections import Counter

import pytest
from scipy.stats import chi2_contingency

from phantoms.plan import QUIRKS, SITE_VIEWS, SITES, CasePlan, Quirk, plan_cases

CASES = 1500


@pytest.fixture(scope="module")
def biased() -> list[CasePlan]:
    return list(plan_cases(CASES, seed=0, site_bias=True))


@pytest.fixture(scope="module")
def unbiased() -> list[CasePlan]:
    return list(plan_cases(CASES, seed=0, site_bias=False))


def test_a_third_of_the_cases_has_each_status(unbiased: list[CasePlan]) -> None:
    assert Counter(plan.status for plan in unbiased) == dict.fromkeys(SITE_VIEWS, CASES // 3)


def test_three_cases_hold_every_status() -> None:
    assert {plan.status for plan in plan_cases(3, 0, False)} == set(SITE_VIEWS)


def test_biased_sites_follow_the_real_counts(biased: list[CasePlan]) -> None:
    for status, views in SITE_VIEWS.items():
        sites = Counter(plan.site for plan in biased if plan.status == status)
        for site, count in zip(SITES, views, strict=True):
            assert sites[site] / (CASES // 3) == pytest.approx(count / sum(views), abs=0.06)


def test_unbiased_sites_say_nothing_about_the_status(unbiased: list[CasePlan]) -> None:
    pairs = Counter((plan.status, plan.site) for plan in unbiased)
    table = [[pairs[status, site] for site in SITES] for status in SITE_VIEWS]

    assert chi2_contingency(table).pvalue > 0.01


def test_patients_and_folders_are_unique_but_numbers_repeat(unbiased: list[CasePlan]) -> None:
    assert len({plan.case_id for plan in unbiased}) == CASES
    assert len({plan.folder for plan in unbiased}) == CASES
    assert len({plan.number for plan in unbiased}) < 0.7 * CASES


def test_nine_cases_hold_every_quirk() -> None:
    quirks = {plan.quirk for plan in plan_cases(9, 0, False)}

    assert quirks == {quirk for of_status in QUIRKS.values() for quirk in of_status}


def test_most_cases_are_plain(unbiased: list[CasePlan]) -> None:
    assert sum(plan.quirk is Quirk.NONE for plan in unbiased) == 0.7 * CASES


def test_repeated_film_has_no_header_to_contradict_it(unbiased: list[CasePlan]) -> None:
    repeats = [plan for plan in unbiased if plan.quirk is Quirk.REPEATED_FILM]

    assert repeats
    assert not any(plan.has_ics for plan in repeats)


def test_seed_decides() -> None:
    assert list(plan_cases(9, 5, True)) == list(plan_cases(9, 5, True))
    assert list(plan_cases(9, 5, True)) != list(plan_cases(9, 6, True))
