# mypy: disable-error-code="union-attr,arg-type,str-unpack"
"""Sweeps over carts: writing copies, forgetting what is old."""

from __future__ import annotations

from uuid import UUID

from karvon.carts import checkpoints
from karvon.carts.lines import to_ms
from karvon.carts.scripts import DIRTY_KEY, GONE_KEY, TOUCHED_KEY, cart_key, run_script
from karvon.carts.store import time_to_live
from karvon.kernel import clock
from karvon.kernel.redis import get_redis, redis_errors

BATCH = 500


def checkpoint_carts(*, limit: int = 20_000) -> int:
    """Write copies of the carts that changed since the last time; how many.

    A cart that changes while it is written stays marked. Running twice at once, or dying half-way, does no
    harm.
    """
    _consume_gone()
    written = 0
    while written < limit:
        batch = _changed_carts()
        if not batch:
            break
        known = [(cart_id, fields) for cart_id, _, fields in batch if fields]
        if known:
            checkpoints.write_checkpoints(known)
        _settle(
            "dirty", [(cart_id, int(fields["v"]) if fields else score) for cart_id, score, fields in batch]
        )
        written += len(batch)
    return written


def forget_expired_carts() -> int:
    """Drop copies of carts that expired, and their traces in Redis; how many copies."""
    cutoff = clock.now() - time_to_live()
    alive: list[UUID] = []
    with redis_errors():
        redis = get_redis()
        start = 0
        while ids := redis.zrange(TOUCHED_KEY, 0, to_ms(cutoff), byscore=True, offset=start, num=BATCH):
            pipeline = redis.pipeline(transaction=False)
            for cart_id in ids:
                pipeline.exists(cart_key(cart_id.decode()))
            expired = []
            for cart_id, exists in zip(ids, pipeline.execute(), strict=True):
                if exists:
                    alive.append(UUID(cart_id.decode()))
                else:
                    expired.append(cart_id)
            if expired:
                redis.zrem(TOUCHED_KEY, *expired)
            start += len(ids) - len(expired)
    return checkpoints.drop_old_checkpoints(before=cutoff, except_for=alive)


def _changed_carts() -> list[tuple[UUID, int, dict[str, str]]]:
    """Some changed carts: id, version when marked, and the hash (empty where it is gone)."""
    with redis_errors():
        redis = get_redis()
        marked = redis.zrange(DIRTY_KEY, 0, BATCH - 1, withscores=True)
        pipeline = redis.pipeline(transaction=False)
        for cart_id, _ in marked:
            pipeline.hgetall(cart_key(cart_id.decode()))
        hashes = pipeline.execute() if marked else []
    return [
        (
            UUID(cart_id.decode()),
            int(score),
            {name.decode(): value.decode() for name, value in fields.items()},
        )
        for (cart_id, score), fields in zip(marked, hashes, strict=True)
    ]


def _consume_gone() -> None:
    """Ordered and merged carts mark their copies in SQL themselves; this catches a process that died in
    between.
    """
    while True:
        with redis_errors():
            gone = get_redis().zrange(GONE_KEY, 0, BATCH - 1, withscores=True)
        if not gone:
            return
        versions = {UUID(cart_id.decode()): int(score) for cart_id, score in gone}
        checkpoints.consume_checkpoints(versions)
        _settle("gone", list(versions.items()))


def _settle(which: str, versions: list[tuple[UUID, int]]) -> None:
    pairs = [str(part) for pair in versions for part in pair]
    run_script("settle", ["", which, 0, 0, "", *pairs])
