#!/usr/bin/env python
"""Django's commands on Karvon's settings."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
    os.environ.setdefault("KARVON_STATEMENT_TIMEOUT_MS", "0")  # a command may take longer than a request
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
