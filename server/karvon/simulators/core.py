"""The small kit that all simulators are made of: requests, answers, routes, and what a provider is."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

from karvon.simulators.credentials import Credentials

if TYPE_CHECKING:
    from karvon.simulators.world import World

Handler = TypeVar("Handler", bound=Callable[..., Any])
CALLBACKS = "/api/v1/payments/callbacks"
ALPHANUMERIC = string.ascii_letters + string.digits


def new_id(prefix: str = "", *, length: int = 24, alphabet: str = ALPHANUMERIC) -> str:
    """An identifier as providers make them."""
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


@dataclass(frozen=True)
class Request:
    """One request to one provider; `path` begins with a slash and has no prefix, header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""  # where the provider is reached, as http://127.0.0.1:8001/stripe

    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)

    def json(self) -> Any:
        """Raises ValueError for what is no JSON."""
        return json.loads(self.body.decode())

    def basic(self) -> tuple[str, str] | None:
        """User and password of `Authorization: Basic`; None without a readable one."""
        scheme, _, text = self.headers.get("authorization", "").partition(" ")
        try:
            user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (user, password) if scheme.lower() == "basic" and colon else None

    def bearer(self) -> str | None:
        scheme, _, text = self.headers.get("authorization", "").partition(" ")
        return text if scheme.lower() == "bearer" else None


@dataclass(frozen=True)
class Response:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Any, status: int = 200, **headers: str) -> Response:
        """JSON; header names are written with underscores."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(data, ensure_ascii=False).encode(), "application/json", named)

    @classmethod
    def page(cls, text: str, status: int = 200, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, text.encode(), "text/html; charset=utf-8", named)

    @classmethod
    def redirect(cls, url: str) -> Response:
        return cls(303, b"", "text/plain", {"Location": url})


class Refusal(Exception):
    """A provider says no; carries its answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.body.decode(errors="replace"))
        self.response = response


class CannotAct(Exception):
    """A behaviour that is impossible as things stand (an expired session is not paid); the message is for people."""


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    name: str
    is_page: bool


def route(method: str, path: str, *, page: bool = False) -> Callable[[Handler], Handler]:
    """Answer `method path` with this method of a provider; `{name}` is a part of the path, `{name:rest}` all the rest.

    Pages are for people: they need no key, and are there while the API is slow or down.
    """
    expression = re.sub(r"{(\w+)(:rest)?}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", path)

    def mark(handler: Handler) -> Handler:
        routes = getattr(handler, "_routes", [])
        routes.append(Route(method, re.compile(expression), handler.__name__, page))
        handler._routes = routes  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass(frozen=True)
class Bill:
    """What a pay page shows. `amount` in the currency's smallest unit."""

    reference: str
    order: str
    amount: int
    currency: str
    exponent: int = 2
    status: str = "open"
    back: str = ""
    cancel: str = ""
    payee: str = ""

    @property
    def price(self) -> str:
        whole, rest = divmod(self.amount, 10**self.exponent)
        digits = f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}")
        return f"{digits}.{rest:0{self.exponent}d}" if self.exponent else digits


@dataclass
class Act:
    """One press of a button: what is asked for, what the shop was told, and where the browser goes afterwards."""

    reference: str
    behaviour: str
    delay: float | None = None  # seconds; None: held until somebody says `deliver`
    calls: list[dict[str, Any]] = field(default_factory=list)
    is_taken: bool = False
    note: str = ""
    back: Response | None = None

    def summary(self) -> dict[str, Any]:
        """What the control API answers."""
        return {
            "reference": self.reference,
            "behaviour": self.behaviour,
            "taken": self.is_taken,
            "note": self.note,
            "callbacks": self.calls,
        }


class Provider:
    """One provider: its API and pages by `route`, its behaviours by methods `do_<behaviour>(act)`."""

    name: ClassVar[str]
    title: ClassVar[str]
    BEHAVIOURS: ClassVar[dict[str, str]]  # name → what the button says
    _routes: ClassVar[tuple[Route, ...]] = ()

    def __init__(self, world: World, credentials: Credentials | None = None, account: str = "") -> None:
        """One contract of a shop: the platform's, or with the `account` key in its callbacks' addresses a merchant's."""
        self.world = world
        self.credentials = credentials or world.credentials
        self.account = account

    def __init_subclass__(cls) -> None:
        found = [
            each for kind in reversed(cls.__mro__) for member in vars(kind).values() for each in marks(member)
        ]
        cls._routes = tuple(found)

    # --- to be said by each provider ---
    def bill(self, reference: str) -> Bill:
        """Raises LookupError for what was never opened."""
        raise NotImplementedError

    def open(self, link: str) -> str:
        """The reference of the payment that a link of the shop leads to. Raises LookupError when it leads nowhere."""
        raise NotImplementedError

    def authorise(self, request: Request) -> None:
        """Raises Refusal when the caller's key is not right."""

    def failure(self) -> Response:
        """What the API answers while it is down."""
        return Response.of({"error": "internal server error"}, 500)

    def not_found(self, request: Request) -> Response:
        return Response.of({"error": f"no such address: {request.method} {request.path}"}, 404)

    def report(self, since: float, until: float) -> list[dict[str, Any]]:
        """What was taken and given back between two moments, as the provider knows it."""
        return [each for each in self.world.ledger.listed(self.name) if since <= each["at"] < until]

    # --- the same for all ---
    @property
    def base(self) -> str:
        return f"{self.world.base}/{self.name}"

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.world.now())

    def callback(self, action: str = "") -> str:
        """The shop's address for this contract."""
        return f"{CALLBACKS}{f'/of/{self.account}' if self.account else ''}/{self.name}/{action}"

    def answer(self, request: Request) -> Response:
        """Find the route; API calls need the key, and heed the mode that the provider is in."""
        found = self._find_route(request)
        if found is None:
            return self.not_found(request)
        route, parts = found
        handler = functools.partial(getattr(self, route.name), **parts)
        if route.is_page:
            return handler(request)  # type: ignore[no-any-return]
        return self.world.serve(self, request, functools.partial(self._call, handler, request))

    def _find_route(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        for each in self._routes:
            found = each.pattern.fullmatch(request.path)
            if found and each.method == request.method:
                return each, found.groupdict()
        return None

    def is_for(self, request: Request) -> bool:
        """Whether the request is about this contract: by its key, or by what its page is of."""
        found = self._find_route(request)
        try:
            if found and found[0].is_page:
                asked = {**request.query, **dict(request.form())}
                return bool(self.open(f"{self.base}{request.path}?{urlencode(asked)}"))
            self.authorise(request)
        except (Refusal, LookupError):
            return False
        return found is not None

    def _call(self, handler: Callable[[Request], Response], request: Request) -> Response:
        self.authorise(request)
        return handler(request)

    def act(self, reference: str, behaviour: str, delay: float | None = None) -> Act:
        """Do what a button says; the shop is called from this very thread, with nothing locked.

        Raises LookupError for an unknown reference or behaviour, CannotAct for what is impossible now.
        """
        if behaviour not in self.BEHAVIOURS:
            raise LookupError(
                f"{self.name} knows no behaviour {behaviour!r}, only {', '.join(self.BEHAVIOURS)}"
            )
        act = Act(reference, behaviour, delay)
        self.perform(act)
        return act

    def perform(self, act: Act) -> None:
        getattr(self, "do_" + act.behaviour.replace("-", "_"))(act)


def marks(member: Any) -> Iterator[Route]:
    """The routes that `route` left on a method."""
    yield from getattr(member, "_routes", ()) if callable(member) and not isinstance(member, type) else ()
