"""What several modules of real servers share."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from milepost.storage import cluster
from tests.fixtures.database import execute_as_superuser


@pytest.fixture(scope="module")
def module_database_url(postgres, migrated_template) -> Iterator[str]:
    """Give the address of a migrated database for all tests of a module."""
    name = f"test_{uuid4().hex}"
    create = f"CREATE DATABASE {name} TEMPLATE {migrated_template} OWNER {cluster.ROLE}"
    asyncio.run(execute_as_superuser(postgres, create))
    yield postgres.url(database=name)
    asyncio.run(execute_as_superuser(postgres, f"DROP DATABASE {name} WITH (FORCE)"))
