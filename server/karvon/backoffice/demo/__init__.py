"""A believable town to try Karvon on: three merchants, their goods, their customers and ninety days of orders.

Everything is drawn from one seeded generator, so the same seed and day give the same town.
"""
