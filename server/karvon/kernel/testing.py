"""For tests: carry events to their handlers without a relay and a worker."""

from __future__ import annotations

from pathlib import Path

from karvon.kernel import delivery
from karvon.kernel.models import DeliveryState, EventDelivery


def drain_outbox() -> int:
    """Relay and deliver until nothing is due; returns how many deliveries were done. Failures are raised."""
    done = 0
    while (
        delivery.relay_batch()
        or EventDelivery.objects.filter(state=DeliveryState.PENDING, attempts=0).exists()
    ):
        for pk in (
            EventDelivery.objects.filter(state=DeliveryState.PENDING, attempts=0)
            .order_by("id")
            .values_list("id", flat=True)
        ):
            done += delivery.deliver(pk)
    failed = EventDelivery.objects.filter(attempts__gt=0).exclude(state=DeliveryState.DONE).first()
    if failed is not None:
        raise AssertionError(f"{failed.handler}: {failed.last_error}")
    return done


def peak_memory_mb() -> int:
    """The most memory this process has held. Not `ru_maxrss`: that begins with what the parent held when it forked."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) // 1024
