"""Figures of the platform and of its merchants."""
