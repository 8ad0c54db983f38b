"""The task queues, what each is for, and which tasks do not go to `default`."""

# name → (what is done there, what happens while nobody does it)
QUEUES: dict[str, tuple[str, str]] = {
    "emails": ("mails to customers and merchants", "they wait, in the order of their events"),
    "reports": (
        "reports that people wait for by mail, files of invoices",
        "they come late; the first who asks for an invoice makes its file",
    ),
    "default": (
        "everything else: imports and exports, the window's upkeep, sweeps, purges",
        "unpaid orders keep their goods, carts have no copy in PostgreSQL",
    ),
    "media": ("renditions of pictures", "the picture is shown as it was uploaded"),
}
ROUTES = {
    "analytics.send_*": {"queue": "reports"},
    "analytics.remind_*": {"queue": "reports"},
    "notifications.*": {"queue": "emails"},
    "documents.make_file": {"queue": "reports"},
    "media.make_renditions": {"queue": "media"},
}
