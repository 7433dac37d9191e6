import re
from pathlib import Path

import pytest
from small_ddsm import SmallDdsm, draw_outline
from views import make_row

from converters.conversion import Conversion, Settings, convert, report_on_tables
from converters.quality.report import table_report
from converters.records import Finding, FindingKind
from reports.conversion.page import patients_ages, write_conversion_page

BOX = (30, 50, 40, 60)


@pytest.fixture
def data(tmp_path: Path) -> SmallDdsm:
    data = SmallDdsm(tmp_path / "data")
    for number in range(1, 5):
        data.add_view(f"A_{number:04d}", "Normal")
        data.add_view(f"C_{number:04d}", "Cancer", masks=(draw_outline(BOX),))
        data.add_view(f"C_{number:04d}", "Cancer", view="LEFT_MLO")
        data.add_view(f"C_{number:04d}", "Cancer", view="RIGHT_CC")
    data.write_table()
    return data


@pytest.fixture
def page(data: SmallDdsm, tmp_path: Path) -> str:
    conversion = convert(data.root, [], tmp_path / "out", Settings())
    write_conversion_page(conversion, data.root, tmp_path / "out")
    return (tmp_path / "out" / "quality_report.html").read_text(encoding="utf-8")


def test_page_begins_with_what_a_user_has_to_know(page: str) -> None:
    first = page[: page.index("<h2")]

    assert "not a medical device" in first
    assert "12 views of 8 patients (8 Normal, 0 Benign, 4 Cancer) with 4 lesions" in first
    assert "4 views without an outline, of breasts outlined in the other view" in first
    assert "4 Normal views are of the unmarked breast" in first
    assert "4 of 4 lesions are named by their case" in first
    assert "alone gets" in first


def test_page_shows_films_and_needs_no_other_file(page: str) -> None:
    assert page.count("data:image/jpeg") >= 2
    assert page.count("data:image/svg+xml") == 5
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_page_has_no_key_of_the_json_report(page: str) -> None:
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))

    # The name of the file that holds them is no key.
    assert words == {"quality_report"}


def test_what_did_not_occur_is_one_line(page: str) -> None:
    kinds_that_occur = {FindingKind.SIBLING_UNMARKED, FindingKind.OTHER_BREAST_UNMARKED}
    others = len(FindingKind) - len(kinds_that_occur)

    assert f"{others} other kinds of oddity were looked for and did not occur" in page
    assert page.count("Masks without an outline") == 1


def test_tables_alone_give_a_page_without_films(data: SmallDdsm, tmp_path: Path) -> None:
    conversion = report_on_tables(None, [data.root / "DataWMask.csv"], tmp_path, Settings())
    paths = write_conversion_page(conversion, None, tmp_path)
    page = paths[0].read_text(encoding="utf-8")

    assert "16 views of 8 patients; no film was opened" in page
    assert "data:image/jpeg" not in page
    assert {path.name for path in paths} == {
        "quality_report.html",
        "class_balance.png",
        "age_distribution.png",
        "mean_age_by_status.png",
    }


def test_same_conversion_gives_the_same_bytes(data: SmallDdsm, tmp_path: Path) -> None:
    conversion = convert(data.root, [], tmp_path / "out", Settings())
    first, second = (
        {
            path.name: path.read_bytes()
            for path in write_conversion_page(conversion, data.root, tmp_path / name)
        }
        for name in ("first", "second")
    )

    assert first == second


def test_names_cannot_inject_markup(tmp_path: Path) -> None:
    finding = Finding(kind=FindingKind.STRAY_FILE, file="<b>odd & name</b>.jpg", detail="not named")
    row = make_row("A_0001", "Normal")
    settings = {
        "tables": ["<i>t</i>.csv"],
        "seed": 3,
        "ratios": [1.0],
        "keep_unmarked_siblings": False,
        "keep_other_breasts": False,
    }
    conversion = Conversion(
        paths=(),
        report=table_report([row], [finding], settings),
        rows=(row,),
        views=(),
        kept_views=(),
        findings=(finding,),
    )
    page = write_conversion_page(conversion, None, tmp_path)[0].read_text(encoding="utf-8")

    assert "&lt;b&gt;odd &amp; name&lt;/b&gt;.jpg" in page
    assert "<i>t</i>" not in page


def test_each_patient_has_one_age() -> None:
    rows = [
        make_row("A_0001", "Normal"),
        make_row("A_0001", "Normal", view="MLO"),
        make_row("C_0001", "Cancer", age_years=None),
    ]

    assert patients_ages(rows) == {"Normal": [60.0], "Benign": [], "Cancer": []}
