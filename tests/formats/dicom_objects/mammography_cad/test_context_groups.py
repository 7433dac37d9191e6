"""The codes are the standard's, by pydicom's copy of it."""

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts
from pydicom.sr.coding import Code

from formats.dicom_objects.mammography_cad import RenderingIntent, codes
from formats.dicom_objects.mammography_cad.context_groups import CONTEXT_GROUPS

NAMED = {name: value for name, value in vars(codes).items() if isinstance(value, Code)}


def meanings(scheme: str, value: str) -> set[str]:
    return {known[value][0] for known in concepts[scheme].values() if value in known}


@pytest.mark.parametrize(
    "name", [name for name, code in NAMED.items() if code.scheme_designator == "DCM"]
)
def test_concepts_mean_what_the_standard_says(name: str) -> None:
    code = NAMED[name]

    # pydicom's copy breaks long words with a space of no width.
    known = {meaning.replace("\u200b", "") for meaning in meanings("DCM", code.value)}
    assert code.meaning in known


@pytest.mark.parametrize("group", sorted(CONTEXT_GROUPS))
def test_context_groups_are_whole(group: str) -> None:
    keywords = cid_concepts[int(group)]
    expected = {
        (scheme, value, meaning)
        for scheme, names in keywords.items()
        for keyword in names
        for value, (meaning, groups) in concepts[scheme][keyword].items()
        if int(group) in groups
    }

    own = {(code.scheme_designator, code.value, code.meaning) for code in CONTEXT_GROUPS[group]}
    assert own == expected


def test_intents_are_the_group_of_their_row() -> None:
    assert tuple(intent.value for intent in RenderingIntent) == CONTEXT_GROUPS["6034"]
