"""Karvon: one engine for shops, marketplaces and food delivery."""
