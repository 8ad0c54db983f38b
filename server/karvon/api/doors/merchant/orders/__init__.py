"""A merchant's own part of orders."""
