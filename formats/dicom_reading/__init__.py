"""Reading DICOM films: pixels as grey levels, and what the header says."""
