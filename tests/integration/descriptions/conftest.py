"""The app on a real database, without its workers: each test runs those that it needs."""

from tests.integration.api.conftest import here as here
from tests.integration.api.conftest import reader as reader
from tests.integration.api.conftest import visit as visit
