"use strict";

(() => {
  const find = (id) => document.getElementById(id);
  const form = find("form");
  const problem = find("problem");
  const fields = [find("password"), find("again")];

  const [uid = "", token = ""] = location.hash.slice(1).split("/");
  // the key is for this page only: not for the history, nor for whoever looks over a shoulder
  history.replaceState(null, "", location.pathname);

  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  const end = (text) => {
    form.hidden = true;
    tell(text);
  };

  const explain = (answer) => {
    const reasons = Object.values(answer.details || {}).flat();
    return reasons.length ? reasons.join("\n") : answer.error;
  };

  const send = async () => {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify({ uid, token, new_password: fields[0].value }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    });
    if (response.ok) {
      end("");
      find("done").hidden = false;
      return;
    }
    const answer = await response.json();
    if (answer.code === "reset_link_invalid") {
      end(answer.error);
    } else {
      tell(explain(answer));
      fields[0].focus();
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [first, second] = fields.map((field) => field.value);
    if (!first) {
      tell(form.dataset.missing);
      return;
    }
    if (first !== second) {
      tell(form.dataset.different);
      return;
    }
    tell("");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await send();
    } catch {
      tell(form.dataset.offline);
    } finally {
      button.disabled = false;
    }
  });

  find("show").addEventListener("change", (event) => {
    for (const field of fields) {
      field.type = event.target.checked ? "text" : "password";
    }
  });

  if (uid && token) {
    form.hidden = false;
    fields[0].focus();
  } else {
    end(form.dataset.invalid);
  }
})();
