"""Figures of the whole platform."""
