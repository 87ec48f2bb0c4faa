"""Layers of maps of Thailand, as folium knows layers: made in Python, added to a map or a group, switched and combined
with folium's own.

Each class has its script of the same name in ``static/js/map/layers/``. Constructors take numbers, enums and addresses;
what is text comes as data.
"""

from mapapp.maps.layers.area_choropleth import AreaChoropleth
from mapapp.maps.layers.area_tiles import AreaTiles
from mapapp.maps.layers.base import DataLayer
from mapapp.maps.layers.facility_dots import FacilityDots
from mapapp.maps.layers.facility_pins import FacilityPins
from mapapp.maps.layers.framed_page import FramedPage
from mapapp.maps.layers.map_notes import MapNotes
from mapapp.maps.layers.nearest_result import NearestResult
from mapapp.maps.layers.position_picker import PositionPicker
from mapapp.maps.layers.request_cells import RequestCells
from mapapp.maps.layers.survey_figures import StatisticsFigures, SurveyFigures, Vaccinated
from mapapp.maps.layers.trial_site import TrialSite
from mapapp.maps.layers.village_dots import VillageDots

__all__ = [
    "AreaChoropleth", "AreaTiles", "DataLayer", "FacilityDots", "FacilityPins", "FramedPage", "MapNotes",
    "NearestResult", "PositionPicker", "RequestCells", "StatisticsFigures", "SurveyFigures", "TrialSite", "Vaccinated",
    "VillageDots",
]  # fmt: skip
