from classifier.whole_image.mean_size import mean_size_px
from formats.coco import CocoDataset


def test_mean_size_by_hand() -> None:
    sizes = [(100, 50), (201, 60), (300, 100)]
    images = [
        {"id": i, "file_name": f"{i}.png", "height": height, "width": width}
        for i, (height, width) in enumerate(sizes, start=1)
    ]

    assert mean_size_px(CocoDataset(images=images, annotations=[])) == (200, 70)  # type: ignore[arg-type]
