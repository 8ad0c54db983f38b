import { busy, explain, find, post, showOnDemand, takeKey, tell } from "./page.js";

const form = find("form");
const fields = [find("password"), find("again")];
const [uid = "", token = ""] = takeKey().split("/");

const end = (text) => {
  form.hidden = true;
  tell(text);
};

const send = async () => {
  const { ok, answer } = await post(form.action, { uid, token, new_password: fields[0].value });
  if (ok) {
    end("");
    find("done").hidden = false;
  } else if (answer.code === "reset_link_invalid") {
    end(answer.error);
  } else {
    tell(explain(answer));
    fields[0].focus();
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const [first, second] = fields.map((field) => field.value);
  if (!first) {
    tell(form.dataset.missing);
  } else if (first !== second) {
    tell(form.dataset.different);
  } else {
    busy(form, form.dataset.offline, send);
  }
});

showOnDemand(find("show"), fields);

if (uid && token) {
  form.hidden = false;
  fields[0].focus();
} else {
  end(form.dataset.invalid);
}
