"""When people order, and how fast orders move: the shape of weeks, meal times, kitchens and parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from karvon.orders.models import FulfilmentFlow, OrderState

DAYS = 90
# how busy a day and an hour are; Monday first, hours in Tashkent
WEEK = (0.8, 0.8, 0.9, 1.0, 1.3, 1.5, 1.2)
HOURS = (1, 0, 0, 0, 0, 0, 0, 1, 3, 4, 4, 6, 10, 12, 9, 5, 4, 5, 8, 12, 13, 10, 6, 3)
TASHKENT = timedelta(hours=5)
CANCELLED_SHARE = 0.04
S = OrderState

# the states after "pending" and the minutes that each takes, from and to
ROADS: dict[str, tuple[tuple[str, int, int], ...]] = {
    FulfilmentFlow.FOOD_DELIVERY: (
        (S.CONFIRMED, 0, 1), (S.PREPARING, 2, 8), (S.READY, 10, 25), (S.OUT_FOR_DELIVERY, 2, 10), (S.DELIVERED, 12, 35),
    ),
    FulfilmentFlow.PICKUP: ((S.CONFIRMED, 0, 1), (S.PREPARING, 2, 8), (S.READY, 10, 25), (S.DELIVERED, 5, 40)),
    FulfilmentFlow.RETAIL: (
        (S.CONFIRMED, 0, 1), (S.PACKED, 60, 600), (S.SHIPPED, 240, 1200), (S.DELIVERED, 1000, 3600),
    ),
}  # fmt: skip
# orders that are always open when the town is built, whatever the hour: minutes ago, and the state they are in
BOARD = (
    (2, S.CONFIRMED), (4, S.CONFIRMED), (6, S.CONFIRMED), (11, S.PREPARING), (17, S.PREPARING), (26, S.READY),
    (31, S.READY), (43, S.OUT_FOR_DELIVERY),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A state that an order reached, and when."""

    state: str
    at: datetime


def draw_moments(count: int, random: Random, now: datetime) -> list[datetime]:
    """`count` moments of the last ninety days before `now`, in order."""
    today = (now + TASHKENT).replace(hour=0, minute=0, second=0, microsecond=0) - TASHKENT
    days = [today - timedelta(days=back) for back in range(DAYS)]
    weights = [WEEK[(day + TASHKENT).weekday()] for day in days]
    found = []
    while len(found) < count:
        day = random.choices(days, weights)[0]
        hour = random.choices(range(24), HOURS)[0]
        moment = day + timedelta(hours=hour, minutes=random.randrange(60), seconds=random.randrange(60))
        if moment < now - timedelta(hours=1):
            found.append(moment)
    return sorted(found)


def draw_steps(flow: str, placed: datetime, random: Random, now: datetime) -> list[Step]:
    """How far an order has come by `now`. A few are called off before anybody began to work on them."""
    steps, moment = [], placed
    is_cancelled = random.random() < CANCELLED_SHARE
    for state, least, most in ROADS[flow]:
        moment += timedelta(minutes=random.uniform(least, most))
        if moment > now:
            break
        steps.append(Step(state, moment))
        if is_cancelled:
            steps.append(Step(S.CANCELLED, min(now, moment + timedelta(minutes=random.randrange(1, 3)))))
            break
    return steps or [Step(S.CONFIRMED, placed)]


def steps_until(state: str, flow: str, placed: datetime, now: datetime) -> list[Step]:
    """The steps to `state`, spread evenly between `placed` and `now`."""
    road = [each for each, _least, _most in ROADS[flow]]
    reached = road[: road.index(state) + 1]
    pause = (now - placed) / (len(reached) + 1)
    return [Step(each, placed + pause * number) for number, each in enumerate(reached)]
