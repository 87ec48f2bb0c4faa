"""The services that the second engine visits are those of the browser tests."""

from tests.browser.conftest import demo_data, shop

__all__ = ["demo_data", "shop"]
