from converters.ddsm_files.ics import ScanSize, parse_ics

TEXT = """
ics_version 1.0
DATE_DIGITIZED 23 8 1995 SEQUENCE
LEFT_CC LINES 4648 PIXELS_PER_LINE 2800 BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY
 right_mlo LINES 4720 PIXELS_PER_LINE 2760 BITS_PER_PIXEL 12 RESOLUTION 50 NON_OVERLAY
"""


def test_reads_the_scans_sizes() -> None:
    assert parse_ics(TEXT) == {
        "LEFT_CC": ScanSize(lines=4648, pixels_per_line=2800),
        "RIGHT_MLO": ScanSize(lines=4720, pixels_per_line=2760),
    }


def test_junk_gives_nothing() -> None:
    assert parse_ics("") == {}
    assert parse_ics("LEFT_CC LINES 0 PIXELS_PER_LINE 9\nRIGHT_CC LINES 9 PIXELS_PER_LINE 0") == {}
    assert parse_ics("LEFT_CC LINES 0 PIXELS_PER_LINE 0\nLEFT_CC LINES many\n\x00\xff") == {}
