from pathlib import Path

import pytest

from formats.results import ImageResult, Results, read_results, write_results
from pipeline.cases.grouping import repeated_views, with_cases


def film(name: str, tumour: float, cancer: float, label: str = "Normal") -> ImageResult:
    case_id, side, view = name.split()[:3]
    return ImageResult(
        file_name=f"{name}.png",
        width=9,
        height=9,
        label=label,
        scores={"Normal": 1 - tumour, "Benign": tumour - cancer, "Cancer": cancer},
        case_id=case_id,
        side=side,
        view=view,
    )


def results(*images: ImageResult, **more: object) -> Results:
    return Results(method="m", models=[], images=list(images), **more)


FILMS = (
    film("B LEFT MLO", 0.5, 0.125, "Benign"),
    film("A RIGHT CC", 0.25, 0.25, "Cancer"),
    film("B LEFT CC", 0.25, 0.25),
    film("B RIGHT CC", 0.75, 0.0),
)


def test_breasts_and_cases_from_whichever_views_there_are() -> None:
    grouped = with_cases(results(*FILMS))

    assert [(b.case_id, b.side, b.views, b.label) for b in grouped.breasts] == [
        ("A", "RIGHT", ["CC"], "Cancer"),
        ("B", "LEFT", ["CC", "MLO"], "Benign"),
        ("B", "RIGHT", ["CC"], "Normal"),
    ]
    assert grouped.breasts[1].scores == {"Normal": 0.5, "Benign": 0.25, "Cancer": 0.25}
    assert [(c.case_id, c.sides, c.label, c.scores) for c in grouped.cases] == [
        ("A", ["RIGHT"], "Cancer", {"Normal": 0.75, "Benign": 0.0, "Cancer": 0.25}),
        ("B", ["LEFT", "RIGHT"], "Benign", {"Normal": 0.25, "Benign": 0.5, "Cancer": 0.25}),
    ]


def test_every_fused_cancer_is_a_tumour() -> None:
    sure = {"intercept": 9.0, "higher": 1.0, "lower": 1.0}
    fusion = {"cancer": {"method": "fitted", **sure, "single_intercept": 9.0, "single_slope": 0.0}}
    for breast in with_cases(results(*FILMS, fusion=fusion)).breasts:
        assert breast.scores["Benign"] == 0
        assert breast.scores["Cancer"] > 0.99
        assert sum(breast.scores.values()) == pytest.approx(1)


def test_other_views_and_unknown_films_take_no_part() -> None:
    nobody = ImageResult(file_name="x", width=9, height=9, label="Cancer", scores={})

    assert with_cases(results(film("A LEFT ML", 0.5, 0.5), nobody)).breasts is None
    assert len(with_cases(results(*FILMS, film("A LEFT ML", 0.5, 0.5), nobody)).breasts) == 3


def test_a_view_that_stands_twice_is_named_and_its_breast_left_out() -> None:
    twice = film("B RIGHT CC again", 0.5, 0.5)
    grouped = with_cases(results(*FILMS, twice))

    assert [(b.case_id, b.side) for b in grouped.breasts] == [("A", "RIGHT"), ("B", "LEFT")]
    assert [case.case_id for case in grouped.cases] == ["A"]
    (error,) = repeated_views(grouped.images)
    assert "B RIGHT CC.png, B RIGHT CC again.png: all are B RIGHT CC" in str(error)
    assert repeated_views(FILMS) == []


def test_the_results_file_holds_them(tmp_path: Path) -> None:
    grouped = with_cases(results(*FILMS, fusion={"tumour": {"method": "maximum"}}))
    write_results(grouped, tmp_path / "results.json")

    assert read_results(tmp_path / "results.json") == grouped
    assert with_cases(read_results(tmp_path / "results.json")) == grouped
