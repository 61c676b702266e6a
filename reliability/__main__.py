"""Run as `python -m reliability`."""

from reliability.cli.main import main

main()
