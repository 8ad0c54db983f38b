"""The contracts of clients that were there before the canonical API: each door parses, calls one service or selector of a room, and
answers in its own words. No door knows another one.
"""
