"""What people see: a pay page, the same for all providers, and the operator's front page. No scripts, light and dark."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from karvon.simulators.core import Act, Bill, Provider, Request, Response

if TYPE_CHECKING:
    from karvon.simulators.world import World

MAIN_BUTTONS = ("pay", "decline")
DELAYED = ("pay-late", "callback-late", "async-pay", "async-decline")
STYLE = """
:root { color-scheme: light dark; --page: #f3f4f6; --card: #fff; --text: #111827; --quiet: #6b7280; --line: #e5e7eb;
  --main: #0f766e; --on-main: #fff; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --page: #0b1014; --card: #161d24; --text: #f3f4f6; --quiet: #9ca3af;
  --line: #2b3640; --main: #2dd4bf; --on-main: #04211d; --bad: #fda29b; } }
* { box-sizing: border-box } body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 28rem; margin: 0 auto; padding: 1.25rem 1rem 3rem } main.wide { max-width: 60rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; margin: 0 0 1rem }
h1 { font-size: 1.05rem; margin: 0 0 1rem } h2 { font-size: .95rem; margin: 0 0 .75rem } .quiet { color: var(--quiet); font-size: .875rem }
.sum { font-size: 2rem; font-weight: 650; letter-spacing: -.02em; margin: .25rem 0 0 } .sum small { font-size: 1rem; font-weight: 500 }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 0 } dt { color: var(--quiet) }
dd { margin: 0; text-align: end; overflow-wrap: anywhere }
button, .button { display: block; width: 100%; min-height: 2.9rem; margin: .5rem 0 0; padding: .6rem 1rem; border-radius: 10px;
  border: 1px solid var(--line); background: var(--card); color: var(--text); font: inherit; text-align: center; cursor: pointer;
  text-decoration: none } button.main { background: var(--main); border-color: var(--main); color: var(--on-main); font-weight: 600 }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
button.bad { color: var(--bad) } label { display: block; margin: .75rem 0 .25rem } .said { border-color: var(--main) }
input { width: 100%; min-height: 2.6rem; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: 10px; font: inherit;
  background: var(--page); color: var(--text) } table { border-collapse: collapse; width: 100%; font-size: .875rem }
td, th { text-align: start; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top } .scroll { overflow-x: auto }
"""


def _page(title: str, content: str, *, status: int = 200, width: str = "", script: str = "") -> Response:
    nonce = secrets.token_urlsafe(12)
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    if script:
        policy += f"; script-src 'nonce-{nonce}'"
        script = f'<script nonce="{nonce}">{script}</script>'
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><style nonce="{nonce}">{STYLE}</style></head>'
        f'<body><main class="{width}">{content}</main>{script}</body></html>'
    )
    headers = {
        "Content_Security_Policy": policy,
        "Referrer_Policy": "no-referrer",
        "Cache_Control": "no-store",
    }
    return Response.page(text, status, **headers)


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def _link(url: str, text: str) -> str:
    return f'<a class="button" href="{escape(url)}">{escape(text)}</a>' if _is_web(url) else ""


def pay_page(provider: Provider, reference: str, request: Request, said: str = "") -> Response:
    """What the buyer sees at the provider: what is to be paid, and a button for each behaviour."""
    bill = provider.bill(reference)
    action = f"{provider.world.base}/_/{provider.name}/{quote(reference, safe='')}/press"
    notice = f'<section class="card said" role="status">{escape(said)}</section>' if said else ""
    return _page(
        f"{provider.title} · {bill.price} {bill.currency}",
        f"{notice}{_bill(provider, bill)}{_buttons(provider, bill, action)}"
        f'<p class="quiet">This is no bank: {escape(provider.title)} is simulated on this machine, and no money moves. '
        "No card number is asked for, so none can be stolen.</p>",
    )


def _bill(provider: Provider, bill: Bill) -> str:
    rows = {
        "Order": bill.order,
        "To": bill.payee,
        "Payment": bill.reference if bill.reference != bill.order else "",
        "State": bill.status,
    }
    shown = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows.items() if text)
    return (
        f'<section class="card"><h1>{escape(provider.title)} <span class="quiet">simulator</span></h1>'
        f'<p class="sum">{escape(bill.price)} <small>{escape(bill.currency)}</small></p><dl>{shown}</dl></section>'
    )


def _buttons(provider: Provider, bill: Bill, action: str) -> str:
    back = _link(bill.back, "Back to the shop")
    if bill.status not in ("open", "paid"):
        return f'<section class="card"><p>This payment is {escape(bill.status)}.</p>{back}</section>'
    names = provider.BEHAVIOURS

    def button(name: str) -> str:
        kind = {"pay": "main", "decline": "bad"}.get(name, "")
        return f'<button class="{kind}" name="behaviour" value="{name}">{escape(names[name])}</button>'

    others = "".join(button(name) for name in names if name not in MAIN_BUTTONS)
    return (
        f'<form method="post" action="{escape(action)}"><section class="card">'
        f"{''.join(map(button, MAIN_BUTTONS))}{_link(bill.cancel, 'Cancel and go back')}</section>"
        '<section class="card"><h2>What else can happen</h2>'
        '<label for="delay">Seconds until what comes late</label>'
        '<input id="delay" name="delay" type="number" min="0" max="86400" value="60" inputmode="numeric">'
        f"{others}</section></form>"
    )


def after_press(provider: Provider, act: Act) -> Response:
    """Where a pressed button leads: back to the shop as the provider would, else a word about what happened."""
    if act.back is not None and (act.back.status != 303 or _is_web(act.back.headers["Location"])):
        return act.back
    rows = "".join(
        f"<tr><td>{escape(each['title'])}</td><td>{each['status'] or escape(each['error'])}</td></tr>"
        for each in act.calls
    )
    bill = provider.bill(act.reference)
    links = _link(bill.back, "Back to the shop") + _link(bill.cancel, "Cancel and go back")
    table = (
        f'<table><tr><th scope="col">Callback</th><th scope="col">Answer</th></tr>{rows}</table>'
        if rows
        else ""
    )
    return _page(
        f"{provider.title} · {act.behaviour}",
        f'<section class="card said" role="status">{escape(act.note or "Done.")}</section>{_bill(provider, bill)}'
        f'<section class="card">{table}{links}</section>',
    )


def form_page(url: str, fields: Mapping[str, str]) -> Response:
    """The browser posts the fields to the shop, by itself where scripts run."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(text)}">' for name, text in fields.items()
    )
    return _page(
        "Back to the shop",
        f'<form class="card" method="post" action="{escape(url)}">{inputs}<button class="main">Back to the shop</button></form>',
        script="document.forms[0].submit()",
    )


def front_page(world: World) -> Response:
    """What the operator sees: the providers and their modes, the last things that happened."""
    providers = "".join(
        f"<tr><td>{escape(each.title)}</td><td>{world.modes[name].mode}</td><td>{world.base}/{name}</td></tr>"
        for name, each in world.providers.items()
    )
    entries = "".join(
        f"<tr><td>{each['number']}</td><td>{escape(each['provider'])}</td><td>{escape(each['kind'])}</td>"
        f"<td>{escape(each['title'])}</td><td>{each.get('status', '')}</td></tr>"
        for each in reversed(world.journal.listed()[-100:])
    )
    return _page(
        "Payment simulators",
        '<section class="card"><h1>Payment simulators</h1><p class="quiet">No bank, no money. The journal as JSON: '
        f'<a href="{world.base}/_/journal">/_/journal</a>, what was charged: <a href="{world.base}/_/charges">/_/charges</a>.</p>'
        f'<div class="scroll"><table><tr><th>Provider</th><th>Mode</th><th>Base URL</th></tr>{providers}</table></div></section>'
        '<section class="card"><h2>Last in the journal</h2><div class="scroll"><table>'
        f"<tr><th>No.</th><th>Provider</th><th>Kind</th><th>What</th><th>Answer</th></tr>{entries}</table></div></section>",
        width="wide",
    )


def missing_page(text: str) -> Response:
    return _page(
        "Not found", f'<section class="card"><h1>Not found</h1><p>{escape(text)}</p></section>', status=404
    )
