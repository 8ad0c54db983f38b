"""Nothing of carts is watched."""

from karvon.audit.registry import exempt
from karvon.carts.models import CartCheckpoint

exempt(CartCheckpoint, "a copy of carts in Redis, written by the server")
