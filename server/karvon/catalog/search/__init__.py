"""Finding products whatever script, apostrophe or accent somebody types."""
