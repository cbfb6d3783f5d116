"""Charts: an analysis result in, a Chart with its picture and the sentence for those who cannot see it out."""

from analytics.figures.leadership import leadership_charts
from analytics.figures.theme import Chart, Imprint

__all__ = ["Chart", "Imprint", "leadership_charts"]
