"""The four methods over films and data sets, their operating points and the embedded weights.

from pipeline import load
result = load().predict("film.png")
"""

from pipeline.loading import load

__all__ = ["load"]
