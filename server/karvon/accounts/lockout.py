"""Failed logins are counted in SQL, so that a lost cache forgives nobody.

An attempt is counted before its password is looked at and given back when it was right: of any number of
guesses at one time exactly `limit` reach the password. An unknown name is counted like a known one; the
answer to a locked name says nothing about its account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.crypto import salted_hmac

from karvon.accounts.errors import LoginLocked
from karvon.accounts.models import LoginFailures, User
from karvon.accounts.names import LoginName, read_login_name
from karvon.kernel.addresses import network_of

# how long a failure can matter: the longest window and the longest lock of any policy below
LONGEST_MEMORY = timedelta(days=1, hours=1)

# a typo costs nothing; from the limit on each failure doubles the wait up to the longest
COUNT_SQL = """
INSERT INTO accounts_loginfailures AS failures (subject, count, window_started_at, locked_until)
VALUES (%(subject)s, 1, %(now)s, CASE WHEN %(limit)s <= 1 THEN %(now)s + %(shortest)s END)
ON CONFLICT (subject) DO UPDATE SET
    count = CASE WHEN failures.window_started_at > %(window)s THEN failures.count + 1 ELSE 1 END,
    window_started_at = CASE
        WHEN failures.window_started_at > %(window)s THEN failures.window_started_at ELSE %(now)s END,
    locked_until = CASE
        WHEN failures.window_started_at > %(window)s AND failures.count + 1 >= %(limit)s
        THEN %(now)s + least(%(longest)s, %(shortest)s * power(2, least(failures.count + 1 - %(limit)s, 20)))
        WHEN %(limit)s <= 1 THEN %(now)s + %(shortest)s END
WHERE failures.locked_until IS NULL OR failures.locked_until <= %(now)s
RETURNING subject
"""


@dataclass(frozen=True)
class Policy:
    """`limit` failures within `window` lock for `shortest`; each further one twice that, up to `longest`."""

    limit: int
    window: timedelta
    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True)
class Subject:
    key: str
    policy: Policy


def _hashed(kind: str, value: str) -> str:
    # names are personal data: the table keeps only what they hash to
    digest = salted_hmac("karvon.accounts.lockout", value, algorithm="sha256").hexdigest()
    return f"{kind}:{digest}"


def _account_policy() -> Policy:
    return Policy(
        limit=settings.LOGIN_FAILURES_PER_ACCOUNT,
        window=timedelta(days=1),
        shortest=timedelta(seconds=30),
        longest=timedelta(minutes=15),
    )


def _address_policy() -> Policy:
    return Policy(
        limit=settings.LOGIN_FAILURES_PER_ADDRESS,
        window=timedelta(hours=1),
        shortest=timedelta(minutes=1),
        longest=timedelta(hours=1),
    )


def subjects_of_login(name: LoginName, ip: str | None) -> list[Subject]:
    """Whom a login attempt counts against: the name as typed, known or not, and the address it came from."""
    subjects = [Subject(_hashed("account", f"{name.kind}:{name.value}"), _account_policy())]
    if ip:
        subjects.append(Subject(f"ip:{network_of(ip)}", _address_policy()))
    return subjects


def subjects_of_user(user: User) -> list[Subject]:
    """Whom a wrong current password counts against, where somebody is logged in already."""
    return [Subject(_hashed("account", f"user:{user.pk}"), _account_policy())]


def subjects_of_person(user: User) -> list[Subject]:
    """All names of a person, and the person: whom the owner of the account has been locked out as."""
    names = [read_login_name(name) for name in (user.email, user.username, user.phone) if name]
    return [each for name in names for each in subjects_of_login(name, None)] + subjects_of_user(user)


def count_attempt(subjects: Sequence[Subject], *, now: datetime) -> None:
    """Counts one attempt against each subject. Raises LoginLocked when one of them is locked.

    Call it outside of any transaction: the count must stand whatever comes after.
    """
    for subject in subjects:
        if not _count_one(subject, now=now):
            raise LoginLocked(retry_after=_seconds_left(subject, now=now))


def _count_one(subject: Subject, *, now: datetime) -> bool:
    policy = subject.policy
    parameters: dict[str, Any] = {
        "subject": subject.key,
        "now": now,
        "window": now - policy.window,
        "limit": policy.limit,
        "shortest": policy.shortest,
        "longest": policy.longest,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, parameters)
        # the row of a locked subject is left as it is and not returned
        return cursor.fetchone() is not None


def _seconds_left(subject: Subject, *, now: datetime) -> int:
    row = LoginFailures.objects.filter(pk=subject.key).only("locked_until").first()
    if row is None or row.locked_until is None:
        return 1
    return max(1, ceil((row.locked_until - now).total_seconds()))


def forgive(subjects: Sequence[Subject]) -> None:
    """The password was right: the name starts afresh, the address gets this one attempt back.

    Not all of them: an own account would else wash an address clean between guesses at others.
    """
    names = [subject.key for subject in subjects if subject.key.startswith("account:")]
    addresses = [subject.key for subject in subjects if not subject.key.startswith("account:")]
    LoginFailures.objects.filter(pk__in=names).delete()
    if addresses:
        LoginFailures.objects.filter(pk__in=addresses).update(count=Greatest(F("count") - 1, 0))
