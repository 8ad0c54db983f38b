"""What a payment provider is to this server, and the plain things that are handed to and fro.

A provider is one module in `payments.providers` with one class; `docs/payments.md` adds one step by step. Nothing here
touches the database: a provider says what is so, `payments.booking` writes it.
"""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

from karvon.payments.errors import ProviderUnavailable


@dataclass(frozen=True)
class SecretField:
    """One value of a provider's account, under the name that integrators put in their configuration."""

    name: str
    label: Any
    is_secret: bool = True
    pattern: str = r"[\x21-\x7e]{1,255}"
    is_required: bool = True
    help: Any = ""


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do. Amounts are in the currency's main unit."""

    currencies: frozenset[str] | None = None  # None: any
    minimum: Mapping[str, Decimal] = field(default_factory=dict)
    maximum: Mapping[str, Decimal] = field(default_factory=dict)
    refunds: Literal["partial", "full", "none"] = "none"
    is_online: bool = True
    can_fetch: bool = False
    lists_days: bool = False
    # a payment that is open for longer is asked about
    usual_time: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Account:
    """A contract with a provider, opened: `values` by field name. `pk` None is the platform's own from the environment."""

    provider: str
    values: Mapping[str, str]
    base_url: str
    pk: int | None = None
    merchant_id: int | None = None
    key: str = ""

    def __getitem__(self, name: str) -> str:
        """A value that is needed. Raises ProviderUnavailable where it is missing."""
        value = self.values.get(name, "")
        if not value:
            raise ProviderUnavailable
        return value

    def is_secret(self, name: str, given: str | bytes) -> bool:
        """Compare in constant time; False for whatever is compared with a secret that is not set."""
        ours = self.values.get(name, "").encode()
        theirs = given.encode() if isinstance(given, str) else given
        return bool(ours) and hmac.compare_digest(ours, theirs)

    def __repr__(self) -> str:
        return f"<Account {self.provider} {self.pk or 'platform'}>"  # never its values


@dataclass(frozen=True)
class Intent:
    """A payment that a customer is about to make. `key` is the same however often the same try is begun."""

    payment_id: int
    order_id: int
    order_number: str
    amount: Decimal
    currency: str
    key: str
    email: str
    language: str
    return_url: str
    cancel_url: str
    expires_at: datetime | None
    reference: str = ""


@dataclass(frozen=True)
class NextStep:
    """What the customer's client does next: go to `url`, open the provider's widget with `data`, follow instructions
    (bank transfer), or nothing (paid at the door). `reference` is what the provider calls this payment.
    """

    kind: Literal["redirect", "widget", "instructions", "none"]
    url: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class CallbackRequest:
    """A message of a provider as it came. Header names are in small letters; `action` is the tail of the address."""

    method: str
    action: str
    body: bytes
    headers: Mapping[str, str]
    address: str
    received_at: datetime

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Reply:
    """What is answered to a provider, and what is written down about its message."""

    status: int
    body: bytes
    content_type: str = "application/json"
    outcome: str = "applied"
    is_verified: bool = True
    kind: str = ""
    note: str = ""
    payment_id: int | None = None


# --- what a provider can tell; `booking.facts` applies each ---


@dataclass(frozen=True)
class Fact:
    """Of one payment: by our id, or by what the provider calls it, or by its charge."""

    payment_id: int | None = None
    reference: str = ""
    charge_reference: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Charged(Fact):
    """Money has come in."""

    amount: Decimal = Decimal(0)
    currency: str = ""


@dataclass(frozen=True)
class Authorized(Charged):
    """Money is held and not taken yet."""


@dataclass(frozen=True)
class Failed(Fact):
    """A try failed. `is_final`: no other can follow."""

    reason: str = ""
    is_final: bool = False


@dataclass(frozen=True)
class Expired(Fact):
    """Nothing can be paid there any more."""


@dataclass(frozen=True)
class Pending(Fact):
    """The customer has done the part; the money is on its way."""


@dataclass(frozen=True)
class AwaitsCapture(Fact):
    """The customer has done the part; the provider waits for our word to take the money, and `fetch` gives it."""


@dataclass(frozen=True)
class RefundMade(Fact):
    """Money went back. `refund_id` is ours where we asked for it; `amount` of this refund, or with `is_cumulative` of all
    refunds of the charge so far.
    """

    refund_id: str = ""
    refund_reference: str = ""
    amount: Decimal = Decimal(0)
    currency: str = ""
    is_cumulative: bool = False


@dataclass(frozen=True)
class RefundRefused(Fact):
    """A refund that was under way came to nothing."""

    refund_id: str = ""
    refund_reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Disputed(Fact):
    """The customer's bank asks for the money back; a person must look."""

    what: str = ""


@dataclass(frozen=True)
class Notice:
    """A verified message, read. `event_id` is the provider's own and the same each time that the message comes."""

    event_id: str
    kind: str
    facts: Sequence[Fact] = ()


@dataclass(frozen=True)
class RefundOrder:
    """A refund to be made. `key` is the same however often it is sent."""

    refund_id: str
    key: str
    payment_id: int
    order_id: int
    charge_reference: str
    reference: str
    amount: Decimal
    currency: str
    is_full: bool
    note: str = ""
    # what the provider was told of it before, where it answers later
    refund_reference: str = ""
    # nothing was sent before
    is_first: bool = True


@dataclass(frozen=True)
class RefundAnswer:
    """How a refund stands at the provider. Under way: asked again later, or told by a callback."""

    state: Literal["succeeded", "processing", "failed"]
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class DayLine:
    """A charge of a day as the provider's books have it."""

    charge_reference: str
    amount: Decimal
    currency: str
    payment_id: int | None = None


class Provider(ABC):
    """One way of paying. Raises ProviderUnavailable when the provider does not answer (within five seconds, always),
    ProviderRefused when it says no; neither leaves anything half-done that the same call does not put right.
    """

    slug: ClassVar[str]
    name: ClassVar[Any]
    capabilities: ClassVar[Capabilities] = Capabilities()
    fields: ClassVar[tuple[SecretField, ...]] = ()
    base_url: ClassVar[str] = ""
    # the tails of the addresses that the provider calls; "" is the bare address
    callback_actions: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def begin(self, account: Account, intent: Intent) -> NextStep:
        """Prepare the payment. The same `intent.key` gives the same payment."""

    def fetch(
        self, account: Account, *, reference: str, charge_reference: str, payment_id: int
    ) -> list[Fact]:
        """Ask how a payment stands, and take money that waits to be taken. The facts may be old news."""
        raise NotImplementedError(f"{self.slug} cannot be asked")

    def verify_return(
        self, account: Account, *, reference: str, charge_reference: str, signature: str
    ) -> None:
        """Check what a customer's browser brings back from the provider's widget: that the charge is of this payment. It
        says nothing of money. Raises SignatureInvalid.
        """
        raise NotImplementedError(f"{self.slug} signs nothing for browsers")

    def refund(self, account: Account, order: RefundOrder) -> RefundAnswer:
        """Give money back. The same `order.key` gives it back once."""
        raise NotImplementedError(f"{self.slug} takes no refunds")

    def close(self, account: Account, reference: str) -> None:  # noqa: B027 - most cannot be told
        """Let nobody pay there any more; nothing where the provider cannot be told."""

    def list_day(self, account: Account, day: date) -> Iterable[DayLine]:
        """The charges of a day (UTC) as the provider has them."""
        raise NotImplementedError(f"{self.slug} lists no days")

    def check(self, account: Account) -> None:  # noqa: B027 - some have nothing to ask
        """Ask something harmless that needs the account's secrets to be right. Nothing where there is nothing to ask."""


class WebhookProvider(Provider):
    """A provider that sends signed events, in any order and more than once."""

    callback_actions: ClassVar[tuple[str, ...]] = ("",)

    @abstractmethod
    def read(self, account: Account, request: CallbackRequest) -> Notice:
        """Verify and read an event. Raises SignatureInvalid for what the provider has not signed, or is stale."""

    # what a good event is answered
    received: ClassVar[bytes] = b'{"received":true}'


class CallingProvider(Provider):
    """A provider that calls procedures here and acts on the answers."""

    callback_actions: ClassVar[tuple[str, ...]] = ("",)

    # whether it asks here before it gives a whole payment back in its cabinet
    asks_before_returning: ClassVar[bool] = False
    # a transaction that was opened and neither completed nor cancelled is over after this
    attempt_lifetime: ClassVar[timedelta]

    def expiry_data(self, now: datetime) -> dict[str, Any]:
        """What an attempt keeps of having run out of time."""
        return {}

    @abstractmethod
    def answer(self, account: Account | None, request: CallbackRequest) -> Reply:
        """Do what is asked, in a transaction that is open; None is an account that is not set up. Raises nothing but
        LockTimeout and DependencyDown, which `busy` answers.
        """

    @abstractmethod
    def busy(self, request: CallbackRequest) -> Reply:
        """The answer when this server cannot look right now: the provider shall try again."""
