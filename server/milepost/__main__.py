"""Run Milepost's command line: `python -m milepost`."""

from milepost.cli.main import main

main()
