"""Two whole-image networks in turn: Normal or Tumour, and for tumours Benign or Cancer."""

from collections.abc import Sequence

import numpy as np

from classifier.whole_image.predictor import WholeImagePredictor


def classify_hierarchical(
    first: WholeImagePredictor, second: WholeImagePredictor, films: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[str]]:
    """Classify N (H, W) films; the second network sees only those that the first calls Tumour.

    With p the first network's probability of a tumour and q that of cancer given a tumour, the
    labels have the probabilities 1 - p, p (1 - q) and p q. Of a film that the second network does
    not see, q is the share of cancers among the tumours that it learnt from.

    Returns:
        (N, 3) probabilities of Normal, Benign and Cancer, and the labels. A film's label is what
        the networks say in turn, not the most probable of the three: p = 0.6 and q = 0.5 is a
        tumour, although each kind of tumour is less probable than Normal.
    """
    tumour = first.probabilities(films)[:, 1]
    is_suspect = tumour >= first.tumour_probability
    benign_views, cancer_views = second.train_views
    cancer_given_tumour = np.full(len(films), cancer_views / (benign_views + cancer_views))
    suspects = [film for film, suspect in zip(films, is_suspect, strict=True) if suspect]
    cancer_given_tumour[is_suspect] = second.probabilities(suspects)[:, 1]
    benign, cancer = tumour * (1 - cancer_given_tumour), tumour * cancer_given_tumour
    tumour_labels = np.where(cancer > benign, "Cancer", "Benign")
    labels = np.where(is_suspect, tumour_labels, "Normal")
    return np.stack([1 - tumour, benign, cancer], axis=1), labels.tolist()
