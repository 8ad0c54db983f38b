"""The providers by name. `payments.providers` registers them when the server starts."""

from __future__ import annotations

from karvon.orders.models import add_payment_method
from karvon.payments.errors import ProviderUnknown
from karvon.payments.protocol import Provider

_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make a provider known, and orders payable with it. Raises ValueError when two claim one name, or for a name that is none."""
    known = _providers.get(provider.slug)
    if known is not None and type(known) is not type(provider):
        raise ValueError(f"two providers are called {provider.slug!r}")
    _providers[provider.slug] = provider
    add_payment_method(provider.slug, provider.name)


def find_provider(slug: str) -> Provider:
    """The provider of that name. Raises ProviderUnknown."""
    try:
        return _providers[slug]
    except KeyError:
        raise ProviderUnknown from None


def name_of(slug: str) -> str:
    """A provider's name for people; one that is not there any more is called what it is called in the books."""
    known = _providers.get(slug)
    return str(known.name) if known is not None else slug


def list_providers() -> list[Provider]:
    """All of them, by name."""
    return [_providers[slug] for slug in sorted(_providers)]
