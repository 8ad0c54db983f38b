"""What the food ordering and the SKU marketplace contracts say in the same words: products, carts and orders as both show them."""
