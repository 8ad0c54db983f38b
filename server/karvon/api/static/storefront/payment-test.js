"use strict";

// The token and all ids live in this page only, and are gone with it.
const known = {};
const steps = new Map([...document.querySelectorAll(".step")].map((step) => [step.dataset.step, step]));

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (known.access && !path.startsWith("/auth/")) headers.Authorization = `JWT ${known.access}`;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  return { line: `${method} ${path}`, status: answer.status, body: await answer.json().catch(() => null) };
}

// what each step sends, what it needs, and what it leaves for those after it
const deeds = {
  login: {
    run: (given) => send("POST", "/auth/jwt/create/", given),
    keep: (body) => { known.access = body.access; },
    hide: (body) => ({ ...body, access: "…", refresh: "…" }),
  },
  product: {
    needs: "access",
    run: (given) => send("GET", `/store/products/?${new URLSearchParams(given.search ? given : {})}`),
    keep: (body) => {
      const choices = body.results.map((each) => new Option(`${each.title} · ${each.unit_price} ${each.currency}`, each.id));
      steps.get("cart").querySelector("select").replaceChildren(...choices);
      known.product = choices.length > 0;
    },
  },
  cart: {
    needs: "product",
    run: async (given) => {
      if (!known.cart) known.cart = (await send("POST", "/store/carts/")).body.id;
      const item = await send("POST", `/store/carts/${known.cart}/items/`, {
        product_id: Number(given.product_id), quantity: Number(given.quantity),
      });
      return item.status < 300 ? send("GET", `/store/carts/${known.cart}/`) : item;
    },
    keep: () => { known.filled = true; },
  },
  order: {
    needs: "filled",
    run: () => send("POST", "/store/orders/", { cart_id: known.cart }),
    keep: (body) => { known.order = body.id; known.cart = known.filled = undefined; },
  },
  intent: {
    needs: "order",
    run: () => send("POST", "/payments/create-payment-intent/", { order_id: known.order }),
    keep: (body) => {
      known.intent = body;
      steps.get("verify").querySelector("input").value = body.razorpay_order_id;
    },
  },
  pay: {
    needs: "intent",
    run: async () => {
      const { key_id, razorpay_order_id: order_id } = known.intent;
      const home = steps.get("intent").dataset.checkout;
      const here = `${location.origin}/store/payment-test/`;
      const link = `${home}/v1/checkout/embedded?${new URLSearchParams({ key_id, order_id, callback_url: here, cancel_url: here })}`;
      if (home) window.open(link, "_blank", "noopener");
      return { line: home ? `GET ${link}` : "Checkout", status: 200, body: known.intent };
    },
  },
  verify: { needs: "order", run: (given) => send("POST", "/payments/verify-payment/", given) },
  status: { needs: "order", run: () => send("GET", `/payments/status/${known.order}/`) },
};

function show(step, { line, status, body }, isGood) {
  const answer = document.createElement("div");
  answer.className = `answer ${isGood ? "good" : "bad"}`;
  answer.setAttribute("role", "status");
  const told = document.createElement("p");
  told.textContent = `${status || "No answer"} · ${line}`;
  const text = document.createElement("pre");
  text.tabIndex = 0;
  text.textContent = JSON.stringify(body, null, 2);
  answer.append(told, text);
  step.querySelector(".answer")?.remove();
  step.append(answer);
}

function unlock() {
  for (const [name, step] of steps) {
    const waits = Boolean(deeds[name].needs && !known[deeds[name].needs]);
    step.classList.toggle("waits", waits);
    step.querySelector("button").disabled = waits;
  }
}

async function take(name, step, form) {
  const deed = deeds[name];
  step.querySelector("button").disabled = true;
  try {
    const found = await deed.run(Object.fromEntries(new FormData(form)));
    const isGood = found.status < 300;
    if (isGood) deed.keep?.(found.body);
    step.classList.toggle("done", isGood);
    show(step, { ...found, body: isGood && deed.hide ? deed.hide(found.body) : found.body }, isGood);
  } catch (error) {
    show(step, { line: String(error), status: 0, body: null }, false);
  } finally {
    unlock();
  }
}

for (const [name, step] of steps) {
  const form = step.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(name, step, form);
  });
}
new BroadcastChannel("karvon-payment-test").addEventListener("message", ({ data }) => {
  for (const field of steps.get("verify").querySelectorAll("input")) {
    if (data[field.name]) field.value = data[field.name];
  }
});
unlock();
