"""A shop with its people, and clients for them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.merchants.models import Merchant, StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff


@dataclass(frozen=True)
class Shop:
    merchant: Merchant
    owner: APIClient


def make_shop(**fields: Any) -> Shop:
    """A shop and the client of its owner."""
    merchant = make_merchant(owner=make_user(role=Role.MERCHANT), **fields)
    return Shop(merchant, make_client(merchant.owner))


def staff_client(merchant: Merchant, role: StaffRole) -> APIClient:
    """The client of somebody who works there."""
    person = make_user(role=Role.MERCHANT_STAFF)
    make_staff(merchant, user=person, role=role)
    return make_client(person)


def draw_picture(colour: tuple[int, int, int] = (10, 200, 30)) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 12), colour).save(buffer, "PNG")
    return SimpleUploadedFile("new.png", buffer.getvalue(), "image/png")
