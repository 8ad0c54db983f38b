"""What beat starts and when. Each is a sweep over rows: a missed run is made up by the next."""

from celery.schedules import crontab

SCHEDULE = {
    "kernel.note_worker_heartbeat": {
        "task": "kernel.note_worker_heartbeat",
        "schedule": 10.0,
        "options": {"expires": 60},  # a worker that was away does not write them all
    },
    "kernel.purge_idempotency_keys": {
        "task": "kernel.purge_idempotency_keys",
        "schedule": crontab(minute=11),
    },
    "kernel.purge_outbox": {"task": "kernel.purge_outbox", "schedule": crontab(hour=2, minute=10)},
    "accounts.purge_expired_logins": {
        "task": "accounts.purge_expired_logins",
        "schedule": crontab(hour=2, minute=20),
    },
    "orders.expire_unpaid_orders": {"task": "orders.expire_unpaid_orders", "schedule": 30.0},
    "orders.recompute_memberships": {
        "task": "orders.recompute_memberships",
        "schedule": crontab(hour=2, minute=30),
    },
    "orders.verify_books": {"task": "orders.verify_books", "schedule": crontab(hour=3, minute=30)},
    "analytics.count_platform_days": {"task": "analytics.count_platform_days", "schedule": 300.0},
    "analytics.send_daily_reports": {
        "task": "analytics.send_daily_reports",
        "schedule": crontab(minute=5),  # it is morning somewhere
    },
    "analytics.send_low_stock_digests": {
        "task": "analytics.send_low_stock_digests",
        "schedule": crontab(minute=10),
    },
    "analytics.remind_of_carts": {
        "task": "analytics.remind_of_carts",
        "schedule": crontab(hour=5, minute=15),
    },
    "payments.send_due_refunds": {"task": "payments.send_due_refunds", "schedule": 30.0},
    "payments.ask_about_open": {"task": "payments.ask_about_open", "schedule": 60.0},
    "payments.compare_days": {"task": "payments.compare_days", "schedule": crontab(hour=4, minute=10)},
    "payments.expire_attempts": {"task": "payments.expire_attempts", "schedule": 60.0},
    "payments.purge_events": {"task": "payments.purge_events", "schedule": crontab(hour=2, minute=45)},
    "carts.checkpoint_carts": {"task": "carts.checkpoint_carts", "schedule": 5.0},
    "carts.forget_expired_carts": {
        "task": "carts.forget_expired_carts",
        "schedule": crontab(hour=2, minute=40),
    },
    "catalog.apply_publication_schedule": {"task": "catalog.apply_publication_schedule", "schedule": 60.0},
    "catalog.resume_jobs": {"task": "catalog.resume_jobs", "schedule": 30.0},
    "catalog.purge_job_files": {"task": "catalog.purge_job_files", "schedule": crontab(hour=2, minute=50)},
    "catalog.purge_marks": {"task": "catalog.purge_marks", "schedule": crontab(hour=3, minute=15)},
    "media.resume_renditions": {"task": "media.resume_renditions", "schedule": 300.0},
    "media.purge_uploads": {"task": "media.purge_uploads", "schedule": crontab(hour=3, minute=0)},
    "media.purge_unused_assets": {
        "task": "media.purge_unused_assets",
        "schedule": crontab(hour=3, minute=10),
    },
    "merchants.purge_orphan_papers": {
        "task": "merchants.purge_orphan_papers",
        "schedule": crontab(hour=3, minute=15),
    },
    "notifications.sweep_mails": {"task": "notifications.sweep_mails", "schedule": 20.0},
    "notifications.resume_notifications": {"task": "notifications.resume_notifications", "schedule": 30.0},
    "notifications.purge_old_notifications": {
        "task": "notifications.purge_old_notifications",
        "schedule": crontab(hour=3, minute=25),
    },
    "notifications.purge_old_mails": {
        "task": "notifications.purge_old_mails",
        "schedule": crontab(hour=3, minute=20),
    },
}
