"""Order numbers that people can read out, and that do not tell how many orders there are."""

from __future__ import annotations

import secrets
from datetime import date

# without 0 O 1 I L U, which are mistaken for each other
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number(day: date) -> str:
    """Month, day and five random characters ("1120-7F3QD"): unique per merchant and day by the database; among ten
    thousand orders of a day two meet about twice, and then `place_order` picks again. `day` is the merchant's.
    """
    return f"{day:%m%d}-" + "".join(secrets.choice(ALPHABET) for _ in range(5))
