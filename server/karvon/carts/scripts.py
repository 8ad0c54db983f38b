"""The Lua scripts of carts: each operation is one of them, so that two at once both count."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karvon.kernel.redis import get_redis, redis_errors

if TYPE_CHECKING:
    from redis.commands.core import Script

DIRTY_KEY = "{cart}:dirty"
TOUCHED_KEY = "{cart}:touched"
GONE_KEY = "{cart}:gone"
_FOLDER = Path(__file__).parent / "lua"


def cart_key(cart_id: object) -> str:
    """The hash of a cart."""
    return f"{{cart}}:{cart_id}"


def run_script(name: str, arguments: Sequence[str | int]) -> list[Any]:
    """Run `lua/<name>.lua` in one round trip; its answer with bytes decoded. Raises DependencyDown."""
    with redis_errors():
        answer = _script(name)(
            keys=[DIRTY_KEY, TOUCHED_KEY, GONE_KEY], args=list(arguments), client=get_redis()
        )
    return [_decoded(part) for part in answer]


@cache
def _script(name: str) -> Script:
    """Registering computes a hash only; a server that has forgotten the script is sent it again."""
    text = (_FOLDER / "prelude.lua").read_text() + (_FOLDER / f"{name}.lua").read_text()
    return get_redis().register_script(text)


def _decoded(part: Any) -> Any:
    if isinstance(part, bytes):
        return part.decode()
    if isinstance(part, list):
        return [_decoded(inner) for inner in part]
    return part
