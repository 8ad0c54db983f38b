"""The merchant itself."""
