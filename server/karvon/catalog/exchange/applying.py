"""Parsed products into the shop, a chunk at a time.

A chunk is one transaction as long as all goes well: every product in it is there with all that belongs to
it, or not at all. When something is wrong with one of them, the chunk is rolled back and each product gets
a transaction of its own, so that only those are refused that deserve it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.exchange.images import ImageFolder, base_name, list_known_assets, store_from_folder
from karvon.catalog.exchange.planning import ProductPlan, plan_product
from karvon.catalog.exchange.resolving import Resolver
from karvon.catalog.exchange.rows import ParsedImage, ParsedProduct, ProductRefused, Refusal
from karvon.catalog.exchange.state import load_state
from karvon.catalog.exchange.writing import write_known_stock, write_plans
from karvon.kernel.db import run_transaction
from karvon.kernel.errors import DependencyDown, DomainError, LockTimeout

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.merchants.models import Merchant

Outcome = str | ProductRefused  # "created", "updated", "unchanged"
# what is wrong with a product; DependencyDown and LockTimeout are wrong with the server and end the run
_FAULTS = (ProductRefused, DomainError, IntegrityError, DataError)
_Gallery = dict[int, ParsedImage]  # asset id -> how the file names it, in the order of the file


class Applier:
    """Writes the products of one import."""

    def __init__(
        self,
        *,
        merchant: Merchant,
        actor: User | None,
        language: str,
        dry_run: bool,
        images: ImageFolder | None,
    ) -> None:
        self._merchant = merchant
        self._actor = actor
        self._language = language
        self._dry_run = dry_run
        self._folder = images
        self._notes: dict[str, list[str]] = {}
        self._resolver = Resolver(merchant, language)
        self._galleries: dict[str, _Gallery] = {}
        self._known_assets: dict[str, int] = {}

    def notes_of(self, product: ParsedProduct) -> list[str]:
        """What there is to say of a product of the last chunk."""
        return self._notes.get(product.handle, [])

    def apply(self, products: Sequence[ParsedProduct]) -> list[Outcome]:
        """What became of each. Raises only what is wrong with the server (database or storage away)."""
        names = {base_name(image.source) for product in products for image in product.images}
        self._known_assets = list_known_assets(self._merchant, names)
        self._galleries.clear()
        self._notes.clear()
        if self._dry_run:
            return self._try_out(products)
        prepared = [self._prepare(product) for product in products]
        sound = [product for product, refused in zip(products, prepared, strict=True) if refused is None]
        written = iter(self._write(sound))
        return [next(written) if refused is None else refused for refused in prepared]

    def _prepare(self, product: ParsedProduct) -> ProductRefused | None:
        """Make what the product points to, and store its pictures, before its transaction."""
        try:
            notes = self._resolver.prepare(product)
            self._find_gallery(product)
            self._notes[product.handle] += notes
        except _FAULTS as error:
            return _refused(product, error)
        return None

    def _write(self, products: Sequence[ParsedProduct]) -> list[Outcome]:
        if not products:
            return []
        try:
            return list(run_transaction(lambda: self._write_in_transaction(products)))
        except _FAULTS as error:
            refused = _refused(products[0], error)
            if len(products) == 1:
                return [refused]
        return [self._write([product])[0] for product in products]

    def _write_in_transaction(self, products: Sequence[ParsedProduct]) -> list[str]:
        seen = self._plan(products, locks=False)
        if any(not plan.is_new and plan.touches for plan in seen):
            # stock is locked before products, and what is known of products is read again under their locks
            write_known_stock(self._merchant, seen, self._actor)
            plans = self._plan(products, locks=True)
            for before, now in zip(seen, plans, strict=True):
                now.takes_moves_of(before)
            seen = plans
        write_plans(self._merchant, seen, self._actor, self._galleries)
        return [plan.outcome for plan in seen]

    def _plan(self, products: Sequence[ParsedProduct], *, locks: bool) -> list[ProductPlan]:
        state = load_state(self._merchant, products, locks=locks)
        return [
            plan_product(
                product, self._merchant, state, self._resolver, list(self._galleries.get(product.handle, ()))
            )
            for product in products
        ]

    def _try_out(self, products: Sequence[ParsedProduct]) -> list[Outcome]:
        """A dry run writes everything and takes it back, so that it finds what a real run would find."""
        with transaction.atomic():
            for product in products:
                self._find_gallery(product)
            try:
                outcomes: list[Outcome] = list(self._try(products))
            except _FAULTS:
                outcomes = [self._try_alone(product) for product in products]
            transaction.set_rollback(True)
        return outcomes

    def _try_alone(self, product: ParsedProduct) -> Outcome:
        try:
            return self._try([product])[0]
        except _FAULTS as error:
            return _refused(product, error)

    def _try(self, products: Sequence[ParsedProduct]) -> list[str]:
        # what another resolver has made was rolled back
        self._resolver = Resolver(self._merchant, self._language)
        with transaction.atomic():
            notes = [self._resolver.prepare(product) for product in products]
            outcomes = self._write_in_transaction(products)
        for product, own in zip(products, notes, strict=True):
            self._notes[product.handle] += own
        return outcomes

    def _find_gallery(self, product: ParsedProduct) -> None:
        """Note the product's pictures; those of the folder are stored (in a dry run only their rows)."""
        gallery: _Gallery = {}
        notes = self._notes.setdefault(product.handle, [])
        for image in product.images:
            found = self._known_assets.get(base_name(image.source)) or self._store_image(image)
            if isinstance(found, int):
                gallery.setdefault(found, image)
            else:
                notes.append(found)
        self._galleries[product.handle] = gallery

    def _store_image(self, image: ParsedImage) -> int | str:
        """The id of the stored picture, or why there is none."""
        found = None
        if self._folder is not None:
            found = store_from_folder(
                self._folder,
                image.source,
                merchant=self._merchant,
                actor=self._actor,
                keeps_file=not self._dry_run,
            )
        if isinstance(found, DomainError):
            name = base_name(image.source)[:100]
            return _("picture %(name)s refused: %(reason)s") % {"name": name, "reason": found}
        if found is not None:
            return int(found.pk)
        if "://" in image.source:
            return _("picture not imported, addresses are not fetched")
        return _("picture not found by its name")


def _refused(product: ParsedProduct, error: Exception) -> ProductRefused:
    """What is wrong with one product, as its rows will show it.

    Raises what is wrong with the server instead.
    """
    if isinstance(error, DependencyDown | LockTimeout):
        raise error
    if isinstance(error, ProductRefused):
        return error
    line = product.lines[0]
    if isinstance(error, DomainError):
        details = [(name, str(text)) for name, texts in error.details.items() for text in texts]
        blamed = [Refusal(line, name, text, product.handle) for name, text in details]
        return ProductRefused(blamed or [Refusal(line, "", error.text, product.handle)])
    return ProductRefused([Refusal(line, "", _("does not fit what the shop has already"), product.handle)])
