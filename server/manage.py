#!/usr/bin/env python
"""Django's commands on Karvon's settings."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
    if sys.argv[1:2] != ["relay_events"]:  # a command may take longer than a request; the relay is none
        os.environ.setdefault("KARVON_STATEMENT_TIMEOUT_MS", "0")
        os.environ.setdefault("KARVON_IDLE_TRANSACTION_TIMEOUT_MS", "0")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
