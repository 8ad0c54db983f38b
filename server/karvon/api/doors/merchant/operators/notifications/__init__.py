"""Messages of the platform to its people."""
