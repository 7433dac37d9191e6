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

    with pytest.raises(InputError, match=r"row 2: file '1\.png' may be .*write the path"):
        cases.identities(films)


def test_two_films_of_one_view_and_rows_that_differ_are_all_named(tmp_path: Path) -> None:
    films = touch(tmp_path, "1.png", "2.png")
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,1.png\n7,L,CC,2.png\n8,L,CC,2.png\n")

    with pytest.raises(InputError) as error:
        cases.identities(films)
    assert "are both 7 LEFT CC" in str(error.value)
    assert "rows 3 and 4 differ on" in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("case,side,file\n1,L,a.png\n", "no column view among"),
        ("case,side,view,file\n", "no row below the header"),
        ("case,side,view,file\n1,L,CC,a.png\n1,L,MLOO,b.png\n", "row 3: view 'MLOO'"),
        ("case,side,view,file\n1,L,ML,a.png\n", "row 2: view 'ML'.*leave the row out"),
        ("case,side,view,file\n1,X,CC,a.png\n,R,CC,a.png\n", r"side 'X'.*\n.*row 3: no case"),
    ],
)
def test_what_a_table_lacks_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(tmp_path, text)


def test_a_table_of_other_films_is_refused(tmp_path: Path) -> None:
    cases = table(tmp_path, "case,side,view,file\n7,L,CC,9.png\n")

    with pytest.raises(InputError, match="none of its 1 files is among the 1 films"):
        cases.identities(touch(tmp_path, "1.png"))
