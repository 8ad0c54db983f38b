"""Merchant platform: the back office of merchants, public store pages, and the operators of the platform."""
