"""What the catalogue does on others' news."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from karvon.catalog import gallery
from karvon.catalog.tests.factories import make_product
from karvon.catalog.window import get_window_detail
from karvon.kernel.testing import drain_outbox
from karvon.media.selectors import merchant_ref
from karvon.media.services import set_alt, store_image
from karvon.media.tests.pictures import draw
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def test_another_alternative_text_is_shown() -> None:
    merchant = make_merchant()
    product = make_product(merchant=merchant)
    asset = store_image(
        data=BytesIO(draw()), file_name="a.png", owner_ref=merchant_ref(merchant.pk), actor=None, alt="Old"
    )
    gallery.add_product_image(product_id=product.pk, asset_id=asset.pk, actor=None)

    set_alt(asset_id=asset.pk, owner_refs=None, alt="A shirt on a chair")
    drain_outbox()

    page = get_window_detail(str(product.pk), "en")
    assert page is not None
    assert [each["alt"] for each in json.loads(page.body)["images"]] == ["A shirt on a chair"]
