"""What a case's id gives away: the site and scanner by its letter, the tape by its number."""

import re
from typing import NamedTuple

CASE_ID = re.compile(r"([A-Za-z]+)_?(\d+)")
CASES_IN_RUN = 200


class SiteAndNumber(NamedTuple):
    """The two parts of an id such as `C_0029`: numbers repeat across letters."""

    site_letter: str
    """Upper case."""
    number: int

    @property
    def run(self) -> int:
        """Which run of 200 case numbers it is in: neighbours were scanned together."""
        return self.number // CASES_IN_RUN


def site_and_number(case_id: str) -> SiteAndNumber:
    """Take a case's id apart.

    Raises:
        ValueError: the id is not letters and a number.
    """
    parts = CASE_ID.fullmatch(case_id)
    if parts is None:
        raise ValueError(f"'{case_id}' is no site letter and number, as in C_0029")
    return SiteAndNumber(parts[1].upper(), int(parts[2]))


def site_letter(case_id: str) -> str:
    """Return the site's letter, or nothing where the id is not letters and a number."""
    parts = CASE_ID.fullmatch(case_id)
    return parts[1].upper() if parts else ""
