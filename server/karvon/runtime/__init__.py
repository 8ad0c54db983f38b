"""Starts what the shop needs on a machine with nothing but Python: PostgreSQL, Valkey, and our own processes.

Imports nothing of Django, so that it can run before there are settings.
"""
