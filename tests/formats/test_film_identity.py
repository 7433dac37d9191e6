from dataclasses import replace
from pathlib import Path

import pytest

from formats.errors import InputError
from formats.film_identity import (
    FilmIdentity,
    RunNames,
    identified,
    identified_by_name,
    identity_by_name,
    names_of_run,
)
from formats.results import ImageResult


def of(case_id: str | None, side: str | None, view: str | None) -> FilmIdentity:
    return FilmIdentity(case_id=case_id, side=side, view=view)


STUDY, IMAGE = "48575a27b7c992427041a82fa750d3fa", "4e3a578fe535ea4f5258d3f7f4419db8"
NO_NAMES = RunNames()


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        # Mini-DDSM.
        ("Cancer/0029/C_0029_1.LEFT_MLO.jpg", of("C_0029", "LEFT", "MLO")),
        ("c_0029_1.left_cc.jpg", of("C_0029", "LEFT", "CC")),
        ("A_1002_1.RIGHT_CC.png", of("A_1002", "RIGHT", "CC")),
        ("C_0029_1.LEFT_MLO_Mask.jpg", of(None, None, None)),
        # CBIS-DDSM.
        ("P_00001_LEFT_CC.png", of("P_00001", "LEFT", "CC")),
        ("Calc-Test_P_00038_RIGHT_MLO/1.3.6/1.3.6.1/000000.dcm", of("P_00038", "RIGHT", "MLO")),
        ("Mass-Training_P_00001_LEFT_CC_1/1.3/1.3.6/1-1.dcm", of(None, None, None)),
        ("P_00001_LEFT_CC_1.png", of(None, None, None)),
        # INbreast.
        ("20586908_6c613a14b80a8591_MG_R_CC_ANON.dcm", of("6c613a14b80a8591", "RIGHT", "CC")),
        ("20586960_6c613a14b80a8591_MG_L_ML_ANON.dcm", of("6c613a14b80a8591", "LEFT", "MLO")),
        # VinDr-Mammo.
        (f"images/{STUDY}/{IMAGE}.dicom", of(STUDY, None, None)),
        (f"{IMAGE}.png", of(None, None, None)),
        # A case's folder.
        ("/anna/LCC.png", of("anna", "LEFT", "CC")),
        ("/x/../anna/right-mlo.tiff", of("anna", "RIGHT", "MLO")),
        # No rule's.
        ("anna/L_CC_2.png", of(None, None, None)),
        ("film_LEFT_CC.png", of(None, None, None)),
        ("anna/L_XCCL.png", of(None, None, None)),
    ],
)
def test_what_a_name_tells(path: str, identity: FilmIdentity) -> None:
    assert identity_by_name(Path(path), {Path("/anna"): "anna"}) == identity
    assert identity.is_whole == (None not in (identity.case_id, identity.side, identity.view))


@pytest.mark.parametrize(
    ("folders", "cases"),
    [
        (["anna"], ["anna"]),
        (["data/anna", "data/ben"], ["anna", "ben"]),
        (["anna/study1", "ben/study1"], ["anna/study1", "ben/study1"]),
        (["anna", "anna/anna"], ["anna", "anna/anna"]),
    ],
)
def test_a_folder_of_views_is_called_by_what_tells_it_apart(
    folders: list[str], cases: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path)
    films = [Path(folder, "LCC.png") for folder in folders]
    called = names_of_run(films).folder_names

    assert [identity_by_name(film, called).case_id for film in films] == cases
    # From wherever one stands.
    monkeypatch.chdir(tmp_path / folders[0])
    here = [Path("LCC.png"), *(tmp_path / film for film in films[1:])]
    called = names_of_run(here).folder_names
    assert [identity_by_name(film, called).case_id for film in here] == cases


def result(file_name: str, *, side: str | None = None, view: str | None = None) -> ImageResult:
    return ImageResult(
        file_name=file_name, width=9, height=9, label="Normal", scores={}, side=side, view=view
    )


def case_of(file_name: str, study: str | None = None) -> str | None:
    return identified_by_name(replace(result(file_name), case_id=study), NO_NAMES).case_id


@pytest.mark.parametrize(
    ("film", "folder"),
    [
        ("A/C_0029_1.LEFT_CC.png", "C_0029"),
        ("A/Mass-Training_P_00001_LEFT_CC.png", "P_00001"),
        (f"A/{STUDY}/{IMAGE}.dcm", STUDY),
    ],
)
def test_a_folder_that_is_called_like_a_named_case_is_asked_about(
    film: str, folder: str, tmp_path: Path
) -> None:
    films = [tmp_path / film, tmp_path / folder / "LMLO.png", tmp_path / "b" / "LCC.png"]
    names = names_of_run(films)

    assert list(names.scattered) == [folder]
    with pytest.raises(InputError, match=rf"{folder}/LMLO\.png: .*of two patients"):
        identified_by_name(result(films[1].as_posix()), names)


def test_a_way_back_from_a_linked_folder_leads_to_where_the_film_is(tmp_path: Path) -> None:
    (tmp_path / "there" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "there" / "deep")
    film = tmp_path / "link" / ".." / "LCC.png"
    names = names_of_run([film, tmp_path / "ben" / "LCC.png"])

    assert identity_by_name(film, names.folder_names).case_id == "there"


def test_the_root_is_a_case_too() -> None:
    names = names_of_run([Path("/LCC.png"), Path("/ben/LCC.png")])

    assert names.folder_names == {Path("/"): "/", Path("/ben"): "ben"}


def test_folders_of_one_name_are_two_cases() -> None:
    assert case_of("A/study1/LCC.png") != case_of("B/study1/LMLO.png")


@pytest.mark.parametrize(
    ("name", "case_id"),
    [
        ("A/dicom/LCC.dcm", "1.2"),
        ("C_0029_1.LEFT_MLO.dcm", "1.2"),
        (f"{STUDY}/{IMAGE}.dicom", "1.2"),
        # Each of its views is a study.
        ("Mass-Training_P_00001_LEFT_CC/1.3/1.3.6/1-1.dcm", "P_00001"),
    ],
)
def test_a_header_s_study_goes_before_a_name(name: str, case_id: str) -> None:
    assert case_of(name, "1.2") == case_id


def test_a_named_case_in_several_folders_is_asked_about(tmp_path: Path) -> None:
    films = [
        tmp_path / name
        for name in (
            "A/C_0029_1.LEFT_CC.png",
            "B/c_0029_1.LEFT_MLO.png",
            "A/C_0030_1.LEFT_CC.png",
            "A/C_0030_1.LEFT_MLO.png",
            "CBIS/Mass-Training_P_00001_LEFT_CC/1-1.dcm",
            "CBIS/Mass-Training_P_00001_LEFT_MLO/1-1.dcm",
        )
    ]
    names = names_of_run(films)

    assert names.scattered == {"C_0029": [tmp_path / "A", tmp_path / "B"]}
    with pytest.raises(InputError, match=r"B/c_0029_1\.LEFT_MLO\.png: .*of two patients.*-table"):
        identified_by_name(result(films[1].as_posix()), names)
    assert identified_by_name(
        replace(result(films[1].as_posix()), case_id="1.2"), names
    ) == replace(result(films[1].as_posix(), side="LEFT", view="MLO"), case_id="1.2")


def test_what_is_not_said_leaves_the_header_s_word() -> None:
    found = identified(result("f.dcm", side="LEFT", view="CC"), of(STUDY, None, None))

    assert (found.case_id, found.side, found.view) == (STUDY, "LEFT", "CC")


@pytest.mark.parametrize(
    ("side", "view"), [("RIGHT", "MLO"), ("LEFT", "CC"), ("LEFT", "ML"), (None, "XCCL")]
)
def test_a_name_and_a_header_that_contradict_each_other(side: str | None, view: str) -> None:
    with pytest.raises(InputError, match=r"LMLO\.dcm: its name says .*--case-table"):
        identified_by_name(result("LMLO.dcm", side=side, view=view), NO_NAMES)


@pytest.mark.parametrize(
    ("name", "side", "view"),
    [
        ("LMLO.dcm", "LEFT", "MLO"),
        ("LMLO.dcm", None, None),
        # INbreast's names mean MLO by ML, and so may its headers.
        ("20586960_6c613a14b80a8591_MG_L_ML_ANON.dcm", "LEFT", "ML"),
    ],
)
def test_a_name_and_a_header_that_agree(name: str, side: str | None, view: str | None) -> None:
    found = identified_by_name(result(name, side=side, view=view), NO_NAMES)

    assert (found.side, found.view) == ("LEFT", "MLO")
