"""DICOM films that tests write, with a person's attributes planted in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DigitalMammographyXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    generate_uid,
)

PLANTED = ("PLANTEDNAME", "PLANTEDID", "19010203", "PLANTEDPHYSICIAN", "PLANTEDHOSPITAL")
JPEG2000Lossy = UID("1.2.840.10008.1.2.4.91")
NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)


def dicom_film(pixels: np.ndarray, bits_stored: int = 12, **attributes: Any) -> FileDataset:
    """Make a mammogram of (H, W) pixels, explicit little endian; None takes an attribute away."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = generate_uid(), generate_uid()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.Modality = "MG"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.PatientName = "PLANTEDNAME^WITH"
    dataset.PatientID = "PLANTEDID"
    dataset.PatientBirthDate = "19010203"
    dataset.ReferringPhysicianName = "PLANTEDPHYSICIAN"
    dataset.InstitutionName = "PLANTEDHOSPITAL"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = bits_stored
    dataset.HighBit = bits_stored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    return dataset


def save_dicom(path: Path, dataset: FileDataset, *, with_preamble: bool = True) -> Path:
    """Write a film in its transfer syntax; without preamble also without meta information."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == ExplicitVRBigEndian:
        words = np.frombuffer(dataset.PixelData, f"<u{dataset.BitsAllocated // 8}")
        dataset.PixelData = words.astype(words.dtype.newbyteorder(">")).tobytes()
        dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    if with_preamble:
        pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        return path
    del dataset.file_meta
    dataset.preamble = None
    pydicom.dcmwrite(
        path,
        dataset,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return path


def encapsulated(dataset: FileDataset, syntax: UID, frame: bytes) -> FileDataset:
    """Replace the pixels by an encoded frame."""
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


def compressed_by_pydicom(dataset: FileDataset, syntax: UID) -> FileDataset:
    """Encode a film; the test is skipped where its encoder is not installed."""
    if syntax in (JPEGLSLossless, JPEGLSNearLossless):
        pytest.importorskip("jpeg_ls")
    if syntax in (JPEG2000Lossless, JPEG2000Lossy):
        pytest.importorskip("openjpeg")
    loss = {JPEGLSNearLossless: {"jls_error": 2}, JPEG2000Lossy: {"j2k_psnr": [80]}}
    dataset.compress(syntax, **loss.get(syntax, {}))
    return dataset


def compressed_by_gdcm(path: Path, syntax: UID) -> None:
    """Encode a film's file as a lossless JPEG, in place."""
    gdcm = pytest.importorskip("gdcm")
    kinds = {
        JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
        JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    }
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(kinds[syntax]))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
