"""Figures of the vaccination survey and of the statistics, under names of their own in the layer switch."""

from __future__ import annotations

from mapapp.maps.layers.area_choropleth import AreaChoropleth


class SurveyFigures(AreaChoropleth):
    """What officers see of their area, handed in by the page around the map.

    Data:
        as of ``AreaChoropleth``, with ``"figures"``.
    """

    kind = "SurveyFigures"
    title = "layer_survey"


class StatisticsFigures(AreaChoropleth):
    """What officers see of the statistics of their area, handed in by the page around the map.

    Data:
        as of ``AreaChoropleth``, with ``"figures"``.
    """

    kind = "StatisticsFigures"
    title = "layer_statistics"


class Vaccinated(AreaChoropleth):
    """The published shares of vaccinated people (letter L4.2). Nothing is fetched before it is switched on.

    Data:
        as of ``AreaChoropleth``, with ``"values_url"``.
    """

    kind = "Vaccinated"
    title = "layer_vaccinated"
