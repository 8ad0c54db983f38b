"""A merchant's inbox."""
