from made_rows import make_detections, make_lesions, make_views

from evaluation.boxes.centre_pairs import centre_pairs


def test_each_lesion_has_the_surest_box_that_points_at_it_whatever_its_size() -> None:
    lesions = make_lesions([0, 1], [(40, 40, 8, 8), (10, 10, 60, 80)])
    detections = make_detections(
        [0, 0, 0, 1],
        # Far larger around it; its very box, less sure; beside it; far smaller in the other's.
        [(30, 30, 30, 40), (40, 40, 8, 8), (47, 40, 20, 8), (60, 80, 5, 6)],
        [0.9, 0.8, 0.95, 0.3],
    )
    pairs = centre_pairs(make_views([0, 1]), lesions, detections)

    assert pairs.patient.tolist() == [0, 1]
    assert pairs.found_size_px.tolist() == [[30, 40], [5, 6]]
    assert pairs.drawn_size_px.tolist() == [[8, 8], [60, 80]]
    assert pairs.film_size_px.tolist() == [[100, 100], [100, 100]]


def test_crowd_regions_take_part_in_no_pair() -> None:
    lesions = make_lesions([0], [(0, 0, 50, 50)], crowd=[True])
    pairs = centre_pairs(make_views([0]), lesions, make_detections([0], [(20, 20, 5, 5)], [0.5]))

    assert len(pairs.patient) == 0
