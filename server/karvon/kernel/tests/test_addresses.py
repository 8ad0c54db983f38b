from __future__ import annotations

import pytest
from django.test import RequestFactory

from karvon.kernel.addresses import client_address, network_of

PEER = "10.0.0.7"


def address(forwarded: str | None = None, *, peer: str = PEER) -> str:
    extra = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **extra))


def test_without_a_proxy_nothing_that_the_caller_says_counts(settings):
    settings.KARVON_TRUSTED_PROXIES = 0

    assert address("192.0.2.1") == PEER


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "198.51.100.66, 192.0.2.1", "192.0.2.1"),
        (2, "198.51.100.66, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "192.0.2.1", PEER),  # somebody went past the outer proxy
        (1, "", PEER),
        (1, " , ,", PEER),
        (1, "192.0.2.1:51234", "192.0.2.1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
        (1, "unknown", PEER),
        (1, "'; DROP TABLE", PEER),
    ],
)
def test_behind_proxies_the_entry_counts_that_the_trusted_one_wrote(settings, proxies, header, expected):
    settings.KARVON_TRUSTED_PROXIES = proxies

    assert address(header) == expected


@pytest.mark.parametrize("peer", ["", "unix:/run/shop.sock"])
def test_a_peer_without_an_address_still_has_a_name(peer):
    assert address(peer=peer) == "0.0.0.0"


def test_limits_count_households_not_the_addresses_they_can_make_up():
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8:1:2::a") == network_of("2001:db8:1:2:ffff::b") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::a") != network_of("2001:db8:1:2::a")
