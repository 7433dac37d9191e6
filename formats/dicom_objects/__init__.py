"""What was found on DICOM films, as DICOM objects: reports, presentation states, pictures."""
