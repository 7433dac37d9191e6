import json
from collections import defaultdict
from pathlib import Path

import pytest
from small_ddsm import SmallDdsm, draw_film, draw_outline

from converters.conversion import Settings, convert, report_on_tables
from formats.coco import CocoDataset, read_coco
from formats.errors import InputError

BOX = (30, 50, 40, 60)
PARTS = ("train", "val", "test")


def read_parts(output_dir: Path) -> dict[str, CocoDataset]:
    return {name: read_coco(output_dir / f"{name}.json") for name in PARTS}


@pytest.fixture(scope="module")
def converted(phantom_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output_dir = tmp_path_factory.mktemp("converted")
    convert(phantom_root, [], output_dir, Settings())
    return output_dir


def test_parts_make_up_the_whole(converted: Path) -> None:
    parts = read_parts(converted)
    whole = read_coco(converted / "all.json")

    assert whole.changes == []
    images = [image for part in parts.values() for image in part.images]
    annotations = [a for part in parts.values() for a in part.annotations]
    assert sorted(images, key=lambda i: i["id"]) == whole.images
    assert sorted(annotations, key=lambda a: a["id"]) == whole.annotations
    assert [image["id"] for image in whole.images] == list(range(1, len(images) + 1))
    cases = [{image["case_id"] for image in part.images} for part in parts.values()]
    assert sum(map(len, cases)) == len(set().union(*cases)) == 9


def test_labels_follow_the_lesions(converted: Path) -> None:
    whole = read_coco(converted / "all.json")
    worst = {i: max((a["category_id"] for a in found), default=0)
             for i, found in whole.annotations_by_image().items()}  # fmt: skip

    assert [image["label"] for image in whole.images] == [
        ("Normal", "Benign", "Cancer")[worst[image["id"]]] for image in whole.images
    ]
    assert any(i["label"] == "Benign" and i["case_status"] == "Cancer" for i in whole.images)


def test_report_counts_the_phantoms_oddities(converted: Path) -> None:
    report = json.loads((converted / "quality_report.json").read_text())

    counts = {kind: finding["count"] for kind, finding in report["findings"].items()}
    assert {kind: count for kind, count in counts.items() if count} == {
        "name_matched_ignoring_case": 12,
        "stray_file": 3,
        "overlay_disagrees_with_case": counts["overlay_disagrees_with_case"],
        "age_missing": 4,
        "density_missing": 4,
        "sibling_unmarked": counts["sibling_unmarked"],
        "other_breast_unmarked": counts["other_breast_unmarked"],
        "film_repeated": 1,
    }
    assert counts["overlay_disagrees_with_case"] >= 2
    assert counts["sibling_unmarked"] >= 2


def test_same_input_gives_the_same_bytes(
    converted: Path, phantom_root: Path, tmp_path: Path
) -> None:
    outcome = convert(phantom_root, [], tmp_path, Settings())

    assert {path.name for path in outcome.paths} == {path.name for path in converted.iterdir()}
    for path in outcome.paths:
        assert path.read_bytes() == (converted / path.name).read_bytes(), path.name


def test_cases_that_share_a_film_share_a_part(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    film = draw_film("one")
    cases = defaultdict(list)
    for number in range(20):
        # Each film stands in two cases of different labels and sites.
        film = draw_film(f"film {number}")
        data.add_view(f"A_{number:04d}", "Normal", film=film)
        data.add_view(f"C_{number + 100:04d}", "Cancer", masks=(draw_outline(BOX),), film=film)
    data.write_table()

    convert(data.root, [], tmp_path / "out", Settings(ratios=(0.4, 0.3, 0.3)))

    for name, part in read_parts(tmp_path / "out").items():
        for image in part.images:
            cases[int(image["case_id"][2:]) % 100].append(name)
    assert len(cases) == 20
    assert all(len(parts) == 2 and len(set(parts)) == 1 for parts in cases.values())
    assert len({parts[0] for parts in cases.values()}) == 3


def test_doubtful_views_follow_the_settings(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    for number in range(1, 4):
        data.add_view(f"C_000{number}", "Cancer", masks=(draw_outline(BOX),))
        data.add_view(f"C_000{number}", "Cancer", view="LEFT_MLO")
        data.add_view(f"C_000{number}", "Cancer", view="RIGHT_CC")
    data.write_table()

    views = {}
    for siblings in (True, False):
        for others in (True, False):
            settings = Settings(keep_unmarked_siblings=siblings, keep_other_breasts=others)
            convert(data.root, [], tmp_path / "out", settings)
            images = read_coco(tmp_path / "out" / "all.json").images
            views[siblings, others] = sorted(i["side"][0] + i["view"] for i in images)[::3]

    assert views == {
        (True, True): ["LCC", "LMLO", "RCC"],
        (True, False): ["LCC", "LMLO"],
        (False, True): ["LCC", "RCC"],
        (False, False): ["LCC"],
    }


def three_views(tmp_path: Path) -> SmallDdsm:
    """A normal patient, and one with a lesion in one breast and nothing marked in the other."""
    data = SmallDdsm(tmp_path / "data")
    data.add_view("A_0001", "Normal")
    data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    data.add_view("C_0001", "Cancer", view="RIGHT_CC")
    data.write_table()
    return data


def test_a_conversion_tells_what_it_wrote_read_and_kept(tmp_path: Path) -> None:
    data, out = three_views(tmp_path), tmp_path / "out"
    outcome = convert(data.root, [], out, Settings(seed=3, keep_other_breasts=False))

    assert outcome.paths == tuple(
        out / name
        for name in (
            *("all.json", "train.json", "val.json", "test.json"),
            *("splits.csv", "quality_report.json"),
        )
    )
    assert len(outcome.rows) == len(outcome.views) == 3
    assert outcome.kept_views == outcome.views[:2]
    assert [finding.kind.value for finding in outcome.findings] == ["other_breast_unmarked"]
    assert (out / "splits.csv").read_bytes() == (
        b"case_id,part,label,site,views\nA_0001,train,Normal,A,1\nC_0001,train,Cancer,C,1\n"
    )
    report = json.loads((out / "quality_report.json").read_text(encoding="utf-8"))
    assert report["settings"] == {
        "tables": ["DataWMask.csv"],
        "seed": 3,
        "ratios": [0.7, 0.15, 0.15],
        "keep_unmarked_siblings": False,
        "keep_other_breasts": False,
    }
    assert report["site_alone_would_score"].keys() == {"case_status", "view_label"}
    assert (report["views"]["read"], report["views"]["kept"]) == (3, 2)
    assert report["findings"]["other_breast_unmarked"]["count"] == 1


def test_tables_of_a_folder_are_reported_on_with_their_doubts(tmp_path: Path) -> None:
    data, out = three_views(tmp_path), tmp_path / "out"
    outcome = report_on_tables(data.root, [], out, Settings())

    assert outcome.paths == (out / "quality_report.json",)
    assert (len(outcome.rows), outcome.views, outcome.kept_views) == (3, (), ())
    assert [finding.kind.value for finding in outcome.findings] == ["other_breast_unmarked"]
    report = json.loads((out / "quality_report.json").read_text(encoding="utf-8"))
    assert report["settings"]["tables"] == ["DataWMask.csv"]
    assert report["findings"]["other_breast_unmarked"]["files"] == [
        {"file": "Cancer/0001/C_0001_1.RIGHT_CC.jpg", "detail": "by the table"}
    ]
    with pytest.raises(InputError, match="own folder"):
        report_on_tables(data.root, [], data.root, Settings())


def test_a_data_set_of_which_nothing_may_be_kept_is_refused(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    data.add_view("C_0001", "Cancer")
    data.write_table()

    with pytest.raises(InputError) as error:
        convert(data.root, [], tmp_path / "out", Settings(keep_other_breasts=False))
    assert str(error.value) == (
        f"{data.root}: no view is left to convert; see why with --metadata-only"
    )


def test_empty_part_is_said(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    data.add_view("A_0001", "Normal")
    data.write_table()

    outcome = convert(data.root, [], tmp_path / "out", Settings())

    assert [warning.split(":")[0] for warning in outcome.warnings] == [
        "val is empty",
        "test is empty",
    ]
    assert read_coco(tmp_path / "out" / "val.json").images == []


def test_failures_are_counted_and_the_rest_is_written(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    data.add_view("A_0001", "Normal").unlink()
    data.add_view("A_0002", "Normal")
    film = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    film.with_name(f"{film.stem}_Mask.jpg").write_bytes(b"")
    data.write_table()

    outcome = convert(data.root, [], tmp_path / "out", Settings())

    assert outcome.read_failures == 2
    images = read_coco(tmp_path / "out" / "all.json").images
    assert [image["case_id"] for image in images] == ["A_0002"]


def test_nothing_is_written_where_nothing_can_be_converted(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    data.add_view("A_0001", "Normal").unlink()
    data.write_table()

    with pytest.raises(InputError, match="none of the table's 1 films"):
        convert(data.root, [], tmp_path / "out", Settings())
    with pytest.raises(InputError, match="split 1 1 1"):
        convert(data.root, [], tmp_path / "out", Settings(ratios=(1, 1, 1)))
    with pytest.raises(InputError) as error:
        convert(data.root, [], data.root, Settings())
    assert str(error.value) == (
        f"{data.root}: is the data set's own folder; name another for the output"
    )
    assert not (tmp_path / "out").exists()


def test_output_below_the_root_is_no_part_of_the_data(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path)
    data.add_view("A_0001", "Normal")
    data.write_table()

    first, again = (
        {path.name: path.read_bytes() for path in convert(tmp_path, [], out, Settings()).paths}
        for out in [tmp_path / "out"] * 2
    )

    assert first == again
    assert json.loads(first["quality_report.json"])["findings"]["stray_file"]["count"] == 0


def test_tables_alone_open_no_image(tmp_path: Path) -> None:
    data = SmallDdsm(tmp_path / "data")
    path = data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    table = data.write_table()
    path.write_bytes(b"")

    outcome = report_on_tables(None, [table], tmp_path / "out", Settings())

    assert outcome.read_failures == 0
    report = json.loads((tmp_path / "out" / "quality_report.json").read_text())
    assert report["table"]["views"] == 1
    assert not (tmp_path / "out" / "all.json").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(seed=-1), "seed -1 is negative"),
        (Settings(ratios=(0.5, 0.5, 0.5)), "split 0.5 0.5 0.5"),
    ],
)
def test_tables_alone_take_the_settings_that_a_conversion_takes(
    tmp_path: Path, settings: Settings, message: str
) -> None:
    data = SmallDdsm(tmp_path / "data")
    data.add_view("C_0001", "Cancer", masks=(draw_outline(BOX),))
    table = data.write_table()

    with pytest.raises(InputError, match=message):
        report_on_tables(None, [table], tmp_path / "out", settings)
