"""What the food ordering and the SKU marketplace contracts both put at the same address under `/api/`: answered once, with the fields of both."""
