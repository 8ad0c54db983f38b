"""What a merchant has been paid."""
