from pathlib import PurePath

import pytest

from formats.errors import InputError
from formats.film_identity import FilmIdentity, identified, identity_by_name, require_agreement
from formats.results import ImageResult


def of(case_id: str | None, side: str | None, view: str | None) -> FilmIdentity:
    return FilmIdentity(case_id=case_id, side=side, view=view)


STUDY, IMAGE = "48575a27b7c992427041a82fa750d3fa", "4e3a578fe535ea4f5258d3f7f4419db8"


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        # Mini-DDSM.
        ("Cancer/0029/C_0029_1.LEFT_MLO.jpg", of("C_0029", "LEFT", "MLO")),
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
        ("anna/LCC.png", of("anna", "LEFT", "CC")),
        ("anna/right-mlo.tiff", of("anna", "RIGHT", "MLO")),
        ("LCC.png", of(None, None, None)),
        # No rule's.
        ("anna/L_CC_2.png", of(None, None, None)),
        ("film_LEFT_CC.png", of(None, None, None)),
        ("anna/L_XCCL.png", of(None, None, None)),
    ],
)
def test_what_a_name_tells(path: str, identity: FilmIdentity) -> None:
    assert identity_by_name(PurePath(path)) == identity
    assert identity.is_whole == (None not in (identity.case_id, identity.side, identity.view))


def result(side: str | None, view: str | None) -> ImageResult:
    return ImageResult(
        file_name="f.dcm",
        width=9,
        height=9,
        label="Normal",
        scores={},
        case_id="1.2",
        side=side,
        view=view,
    )


def test_a_header_fills_in_what_a_name_leaves_open() -> None:
    found = identified(result("LEFT", "CC"), of(STUDY, None, None))

    assert (found.case_id, found.side, found.view) == (STUDY, "LEFT", "CC")


@pytest.mark.parametrize(("side", "view"), [("RIGHT", "MLO"), ("LEFT", "CC")])
def test_a_name_and_a_header_that_contradict_each_other(side: str, view: str) -> None:
    with pytest.raises(InputError, match=r"f\.dcm: its name says .*--case-table"):
        require_agreement(result(side, view), of("C_1", "LEFT", "MLO"))


def test_a_name_and_a_header_that_agree() -> None:
    require_agreement(result("LEFT", "MLO"), of("C_1", "LEFT", "MLO"))
    require_agreement(result(None, None), of("C_1", "LEFT", "MLO"))
    # INbreast's names mean MLO by ML, and so may its headers.
    require_agreement(result("LEFT", "ML"), of("C_1", "LEFT", "MLO"))
