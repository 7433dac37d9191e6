import re

from views import make_row

from converters.quality.report import table_report
from converters.records import Finding, FindingKind
from reports.conversion_page import quality_page


def page() -> str:
    finding = Finding(FindingKind.STRAY_FILE, "<b>odd & name</b>.jpg", "not named")
    report = table_report([make_row("A_0001", "Normal")], [finding], {"seed": 3})
    return quality_page(report, {"ages.png": b"png"})


def test_page_shows_counts_findings_and_disclaimer() -> None:
    text = page()

    assert "not a medical device" in text
    assert "<strong>1</strong> Stray files" in text
    assert "0 Masks without an outline" in text
    assert re.search(r"views without age</th><td>\s*0\s*</td>", text)


def test_names_cannot_inject_markup() -> None:
    assert "&lt;b&gt;odd &amp; name&lt;/b&gt;.jpg" in page()


def test_page_needs_no_other_file() -> None:
    text = page()

    assert 'src="data:image/png;base64,cG5n"' in text
    assert not re.search(r'(src|href)="(?!data:)', text)
