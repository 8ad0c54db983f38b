"""The Lua scripts of carts: each operation is one of them, so that two at once both count."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from karvon.kernel.redis import get_redis, redis_errors

DIRTY_KEY = "{cart}:dirty"
TOUCHED_KEY = "{cart}:touched"
GONE_KEY = "{cart}:gone"
_FOLDER = Path(__file__).parent / "lua"


def cart_key(cart_id: object) -> str:
    """The hash of a cart."""
    return f"{{cart}}:{cart_id}"


def run_script(name: str, arguments: Sequence[str | int]) -> list[Any]:
    """Run `lua/<name>.lua` in one round trip; its answer with bytes decoded. Raises DependencyDown."""
    text, sha = _script(name)
    keys_and_arguments = (3, DIRTY_KEY, TOUCHED_KEY, GONE_KEY, *arguments)
    client: Any = get_redis()
    with redis_errors():
        try:
            answer = client.evalsha(sha, *keys_and_arguments)
        except NoScriptError:
            # one command, not a load and a second try: another flush cannot come between
            answer = client.eval(text, *keys_and_arguments)
    return [_decoded(part) for part in answer]


@cache
def _script(name: str) -> tuple[str, str]:
    """The text and the name that servers know it by."""
    text = (_FOLDER / "prelude.lua").read_text() + (_FOLDER / f"{name}.lua").read_text()
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


def _decoded(part: Any) -> Any:
    if isinstance(part, bytes):
        return part.decode()
    if isinstance(part, list):
        return [_decoded(inner) for inner in part]
    return part
