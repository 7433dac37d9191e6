from pathlib import Path

import pytest

from converters.case_table import CaseTable
from formats.errors import InputError
from formats.film_identity import FilmIdentity


def table(folder: Path, text: str) -> CaseTable:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return CaseTable(path)


def touch(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return [folder / name for name in names]


def test_files_are_relative_to_the_table(tmp_path: Path) -> None:
    films = touch(tmp_path, "x/1.png", "x/2.png", "y/1.png")
    cases = table(tmp_path, "file;Case;side;View\nx/1.png;7;l;cc\nx\\2.png;7;LEFT;MLO\n")

    assert cases.films() == films[:2]
    assert cases.identities(films) == {
        films[0]: FilmIdentity(case_id="7", side="LEFT", view="CC"),
        films[1]: FilmIdentity(case_id="7", side="LEFT", view="MLO"),
    }


def test_vindrs_own_table_is_read(tmp_path: Path) -> None:
    films = touch(tmp_path, "images/s1/a.dicom", "images/s2/a.dicom")
    cases = table(
        tmp_path,
        "study_id,series_id,image_id,laterality,view_position,height\n"
        "s1,r,a,L,CC,3518\ns2,r,a,R,MLO,3518\ns3,r,b,R,CC,3518\n",
    )

    assert cases.identities(films) == {
        films[0]: FilmIdentity(case_id="s1", side="LEFT", view="CC"),
        films[1]: FilmIdentity(case_id="s2", side="RIGHT", view="MLO"),
    }


def test_a_name_alone_is_enough_where_it_is_one_film_s(tmp_path: Path) -> None:
    films = touch(tmp_path / "films", "x/1.png", "x/2.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,2.png\n")

    assert list(cases.identities(films)) == [films[1]]


def test_a_name_of_two_films_is_asked_about(tmp_path: Path) -> None:
    films = touch(tmp_path / "films", "x/1.png", "y/1.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,1.png\n")

    with pytest.raises(InputError) as error:
        cases.identities(films)
    assert str(error.value) == (
        f"{tmp_path / 'cases.csv'}: row 2: file '1.png' may be {films[0]} or {films[1]}; write the "
        "path relative to the table's folder"
    )


def test_two_films_of_one_view_and_rows_that_differ_are_all_named(tmp_path: Path) -> None:
    films = touch(tmp_path, "1.png", "2.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,1.png\n7,L,CC,2.png\n8,L,CC,2.png\n")

    with pytest.raises(InputError) as error:
        cases.identities(films)
    assert str(error.value) == (
        f"{tmp_path / 'cases.csv'}: 2 kinds of fault:\n"
        f"- rows 3 and 4 differ on {films[1]}; keep one of them\n"
        f"- {films[0]} and {films[1]} are both 7 LEFT CC; leave out the row of the one that does "
        "not count"
    )


def test_rows_may_say_the_same_twice_and_empty_ones_do_not_count(tmp_path: Path) -> None:
    films = touch(tmp_path, "1.png", "2.png")
    rows = "7,L,CC,1.png\n,,,\n7,L,CC,1.png\n7,R,CC,2.png\n"
    cases = table(tmp_path, f"case,side,view,file\n{rows}")

    assert list(cases.identities(films)) == films


def test_last_folders_tell_films_of_one_name_apart_with_or_without_ending(tmp_path: Path) -> None:
    films = touch(tmp_path / "films", "x/1.png", "y/1.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,x/1.png\n7,R,CC,y/1\n")

    assert cases.identities(films) == {
        films[0]: FilmIdentity(case_id="7", side="LEFT", view="CC"),
        films[1]: FilmIdentity(case_id="7", side="RIGHT", view="CC"),
    }


def test_the_file_beside_the_table_goes_before_one_whose_path_ends_alike(tmp_path: Path) -> None:
    films = touch(tmp_path, "x/1.png", "films/x/1.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,x/1.png\n")

    assert list(cases.identities(films)) == films[:1]


def test_a_file_that_is_not_beside_the_table_is_seen_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "films/1.png", "tables/2.png")
    monkeypatch.chdir(tmp_path)
    cases = table(tmp_path / "tables", "case,side,view,file\n7,L,CC,films/1.png\n7,R,CC,2.png\n")

    assert cases.films() == [Path("films/1.png"), tmp_path / "tables" / "2.png"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "case,side,file\n1,L,a.png\n",
            "no column view among ['case', 'side', 'file']; a case table has case, side, view and "
            "file",
        ),
        (
            "",
            "no column case, side, view, file among []; a case table has case, side, view and file",
        ),
        ("case,side,view,file\n", "no row below the header; write one for each film"),
        (
            "case,side,view,file\n1,L,CC,a.png\n1,L,MLOO,b.png\n",
            "row 3: view 'MLOO'; write CC or MLO, or leave the row out: other views take no part "
            "in a breast's result",
        ),
        (
            "case,side,view,file\n1,X,CC,a.png\n,R,,\n",
            "2 kinds of fault:\n"
            "- row 2: side 'X'; write LEFT or RIGHT, or L or R\n"
            "- 3 times: row 3: no case; row 3: no view; row 3: no file; fill it in, or leave the "
            "row out",
        ),
    ],
)
def test_what_a_table_lacks_is_named_with_the_next_step(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InputError) as error:
        table(tmp_path, text)
    assert str(error.value) == f"{tmp_path / 'cases.csv'}: {said}"


def test_a_table_of_other_films_is_refused(tmp_path: Path) -> None:
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,9.png\n")

    with pytest.raises(InputError) as error:
        cases.identities(touch(tmp_path, "1.png"))
    assert str(error.value) == (
        f"{tmp_path / 'cases.csv'}: none of its 1 files is among the 1 films, the first being "
        "'9.png'; write paths relative to the table's folder"
    )
