"""What all tests share."""

pytest_plugins = ["tests.fixtures.database", "tests.fixtures.sandbox", "tests.fixtures.objects"]
