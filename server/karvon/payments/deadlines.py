"""A bound on how long a whole conversation over the network takes.

The timeouts of HTTP libraries are for each read: an answer that trickles byte by byte never runs into them, and neither does a
name with several dead addresses, or a resolver that is silent. Here every step gets what is left of the time of all.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

import httpcore

# when the conversation is over (monotonic seconds)
_end: ContextVar[float | None] = ContextVar("conversation_ends", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whatever is asked inside is over after so many seconds, or sooner where less was left already."""
    token = _end.set(time.monotonic() + min(seconds, left(seconds)))
    try:
        yield
    finally:
        _end.reset(token)


def left(otherwise: float) -> float:
    """The seconds that are left, 0 when the time is over; `otherwise` where nobody has bounded it."""
    end = _end.get()
    return otherwise if end is None else max(end - time.monotonic(), 0.0)


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps takes at most what is left."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _step(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _step(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        step = _step(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, step))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class BoundedNetwork(httpcore.NetworkBackend):
    """The network as httpcore sees it: names are looked up aside, and their addresses tried in turn, within what is left."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _look_up(host, port, _step(timeout, httpcore.ConnectTimeout))
        for others, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            # a dead one leaves the others their share
            step = _step(timeout, httpcore.ConnectTimeout) / (others + 1)
            try:
                return _Stream(self._network.connect_tcp(address, port, step, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not others:
                    raise
        raise httpcore.ConnectError


def _step(timeout: float | None, over: type[Exception]) -> float:
    """The seconds for one step. Raises `over` when none are left."""
    seconds = left(timeout or 0.0)
    if seconds <= 0:
        raise over
    return seconds if timeout is None else min(timeout, seconds)


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name. Raises ConnectError, ConnectTimeout; a resolver that is silent is left to itself."""
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def look() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answer.put(list(dict.fromkeys(str(each[4][0]) for each in found)))

    threading.Thread(target=look, name="resolver", daemon=True).start()
    try:
        addresses = answer.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if not addresses:
        raise httpcore.ConnectError
    return addresses
