from dataclasses import replace
from pathlib import Path

from views import make_row

from converters.ddsm_files.metadata import read_metadata
from converters.quality.site_guess import Guessed, site_scores
from converters.quality.table_counts import table_counts, table_findings
from converters.records import Finding, FindingKind
from converters.selection import doubts_by_table


def test_counts_of_a_small_table_are_counted_by_hand() -> None:
    rows = [
        make_row("A_0001", "Normal", age_years=None),
        make_row("A_0001", "Normal", view="MLO", age_years=None),
        make_row("C_0001", "Cancer", masks=3),
        make_row("C_0001", "Cancer", view="MLO"),
        replace(make_row("C_0001", "Cancer", side="RIGHT"), density=None),
    ]

    assert table_counts(rows) == {
        "views": 5,
        "cases": 2,
        "cases_by_status": {"Normal": 1, "Benign": 0, "Cancer": 1},
        "views_by_status": {"Normal": 2, "Benign": 0, "Cancer": 3},
        "unmarked_views_by_status": {"Normal": 2, "Benign": 0, "Cancer": 2},
        "breasts": 3,
        "unmarked_breasts_by_status": {"Normal": 1, "Benign": 0, "Cancer": 1},
        "breasts_with_one_view_marked": 1,
        "views_by_number_of_masks": {"0": 4, "3": 1},
        "views_with_a_mask_in_place": {"1": 1, "2": 1, "3": 1},
        "case_numbers": 1,
        "case_numbers_of_several_cases": 1,
        "views_by_site_and_status": {
            "A": {"Normal": 2, "Benign": 0, "Cancer": 0},
            "C": {"Normal": 0, "Benign": 0, "Cancer": 3},
        },
        "views_without_age": 2,
        "views_without_density": 1,
        "views_by_density": {"2": 4},
    }


def test_missing_ages_and_densities_are_noted_by_film() -> None:
    row = replace(make_row("A_0001", "Normal", age_years=None), density=None)

    assert table_findings([make_row("C_0001", "Cancer"), row]) == [
        Finding(kind=FindingKind.AGE_MISSING, file=row.image_file, detail="no age"),
        Finding(kind=FindingKind.DENSITY_MISSING, file=row.image_file, detail="none of 1 to 4"),
    ]


def test_the_whole_of_mini_ddsm(real_data_dir: Path) -> None:
    rows = read_metadata([real_data_dir / "mini-ddsm-metadata.csv"], None).table.rows

    counts = table_counts(rows)

    assert (counts["views"], counts["cases"]) == (7808, 1952)
    assert counts["cases_by_status"] == {"Normal": 602, "Benign": 671, "Cancer": 679}
    assert counts["views_by_status"] == {"Normal": 2408, "Benign": 2684, "Cancer": 2716}
    assert counts["unmarked_views_by_status"] == {"Normal": 2408, "Benign": 1282, "Cancer": 1288}
    assert counts["unmarked_breasts_by_status"] == {"Normal": 1204, "Benign": 622, "Cancer": 618}
    assert counts["breasts_with_one_view_marked"] == 90
    assert counts["views_with_a_mask_in_place"] == {"1": 2830, "2": 234}
    assert counts["case_numbers"] == 1692
    assert counts["case_numbers_of_several_cases"] == 260
    assert counts["views_by_site_and_status"] == {
        "A": {"Normal": 2000, "Benign": 1068, "Cancer": 768},
        "B": {"Normal": 0, "Benign": 520, "Cancer": 620},
        "C": {"Normal": 0, "Benign": 720, "Cancer": 932},
        "D": {"Normal": 408, "Benign": 376, "Cancer": 396},
    }
    assert (counts["views_without_age"], counts["views_without_density"]) == (12, 4)
    kinds = [finding.kind for finding in doubts_by_table(rows)]
    assert kinds.count(FindingKind.SIBLING_UNMARKED) == 90
    assert kinds.count(FindingKind.OTHER_BREAST_UNMARKED) == 2 * (622 + 618)


def test_what_mini_ddsms_letters_score(real_data_dir: Path) -> None:
    rows = read_metadata([real_data_dir / "mini-ddsm-metadata.csv"], None).table.rows

    scores = site_scores([Guessed(row.case_id, row.status) for row in rows])

    assert round(scores.three_classes_by_letter, 3) == 0.507
    assert round(scores.three_classes_by_letter_and_number, 3) == 0.786
    assert round(scores.normal_or_tumour_by_letter_and_number, 3) == 0.981
