"""What was sold, by day: figures rolled up from the order book, reports made of them, reminders of what is left lying."""
