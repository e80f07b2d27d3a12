"""What all tests share."""

pytest_plugins = [
    "tests.fixtures.broker",
    "tests.fixtures.database",
    "tests.fixtures.objects",
    "tests.fixtures.sandbox",
]
