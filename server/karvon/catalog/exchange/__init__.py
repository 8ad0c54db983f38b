"""Catalogue files in and out: readers per format, the import, the export, and the jobs that run them."""
