// What the pages behind the links of mails have in common.

export const find = (id) => document.getElementById(id);

/** The key of the link, taken out of the address: it is for this page only, not for the history, nor for whoever looks on. */
export const takeKey = () => {
  const key = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  return key;
};

/** Posts JSON to the API without cookies; its status and what it answered. Throws when nothing sensible comes back. */
export const post = async (url, body, access = "") => {
  const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
  if (access) {
    headers.Authorization = `Bearer ${access}`;
  }
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
  });
  const text = await response.text();
  return { ok: response.ok, status: response.status, answer: text ? JSON.parse(text) : {} };
};

/** A refusal of the API in words. */
export const explain = (answer) => {
  const reasons = Object.values(answer.details || {}).flat();
  return reasons.length ? reasons.join("\n") : answer.error;
};

/** Shows a sentence where problems stand; an empty one hides it. */
export const tell = (text) => {
  const problem = find("problem");
  problem.textContent = text;
  problem.hidden = !text;
  if (text) {
    problem.scrollIntoView({ block: "nearest" });
  }
};

/** Runs `work` with the form's button held down; what breaks on the way is said to be the shop's silence. */
export const busy = async (form, silence, work) => {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  tell("");
  try {
    await work();
  } catch {
    tell(silence);
  } finally {
    button.disabled = false;
  }
};

/** A box that shows what is typed into these fields. */
export const showOnDemand = (box, fields) => {
  box.addEventListener("change", () => {
    for (const field of fields) {
      field.type = box.checked ? "text" : "password";
    }
  });
};
