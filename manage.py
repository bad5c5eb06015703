#!/usr/bin/env python3
"""Runs the project's commands; `python manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line

from routing_admin.env import SettingError


def main() -> None:
    """Runs the command of the command line; a wrong setting ends it with its name, status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "routing_admin.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as fault:
        print(f"Wrong setting. {fault}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
