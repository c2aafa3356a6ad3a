"""An administrator, somebody else, and all picture services on loopback."""

from tests.integration.api.conftest import here, reader, stranger, visit
from tests.integration.illustrations.conftest import fakes, settings, shelf

__all__ = ["fakes", "here", "reader", "settings", "shelf", "stranger", "visit"]
