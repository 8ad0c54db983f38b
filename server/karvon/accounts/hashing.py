"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class ShopArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 46 MiB, one pass, one lane: the first of the equally strong settings of OWASP's Password Storage Cheat
    Sheet. Django's own (100 MiB, two passes, eight lanes) takes four times the processor time, from customers who wait for a
    page meanwhile. Older hashes are made anew when their owner logs in.
    """

    memory_cost = 47_104  # KiB
    time_cost = 1
    parallelism = 1
