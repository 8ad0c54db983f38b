import { busy, explain, find, post, showOnDemand, takeKey, tell } from "../accounts/page.js";

const urls = find("page").dataset;
const forms = { register: find("register"), login: find("login") };
const token = takeKey();
// what a dead offer answers, whatever was asked of it
const ENDS = new Set(["invitation_not_valid", "merchant_not_active"]);

/** By the reader's clock. Browsers know no Uzbek months ("2026 M11 28"): in digits they are written as in Russian. */
const writeMoment = (moment, language) =>
  language === "uz"
    ? moment.toLocaleString("ru", { dateStyle: "short", timeStyle: "short" })
    : moment.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });

const showForm = (name) => {
  for (const [each, form] of Object.entries(forms)) {
    form.hidden = each !== name;
  }
  tell("");
};

const end = (text) => {
  showForm("");
  find("offer").hidden = true;
  find("heading").textContent = urls.ended;
  tell(text);
};

const refuse = (answer) => {
  if (ENDS.has(answer.code)) {
    end(answer.error);
  } else {
    tell(explain(answer));
  }
};

const welcome = () => {
  showForm("");
  find("heading").textContent = urls.welcome;
  find("until").parentElement.hidden = find("until").parentElement.previousElementSibling.hidden = true;
  find("done").hidden = false;
};

/** Nobody stays logged in on this page: the back office asks again. A shop that does not answer ends it by time. */
const leave = (pair) => post(urls.logout, { refresh: pair.refresh }).catch(() => null);

const showOffer = (offer) => {
  find("merchant").textContent = offer.merchant.name;
  find("address").textContent = find("account").value = offer.email;
  find("until").dateTime = offer.expires_at;
  find("until").textContent = writeMoment(new Date(offer.expires_at), document.documentElement.lang);
  for (const role of document.querySelectorAll("[data-role]")) {
    role.hidden = role.dataset.role !== offer.role;
  }
  find("offer").hidden = false;
  if (offer.has_account) {
    find("email").value = offer.email;
    // an address has one account
    forms.login.querySelector("[data-other]").hidden = true;
  }
  showForm(offer.has_account ? "login" : "register");
};

const look = async () => {
  find("again").hidden = true;
  find("waiting").hidden = false;
  tell("");
  try {
    const { ok, status, answer } = await post(urls.show, { token });
    if (ok) {
      showOffer(answer);
    } else if (status === 429 || status >= 500) {
      tell(explain(answer));
      find("again").hidden = false;
    } else {
      end(answer.error);
    }
  } catch {
    tell(urls.offline);
    find("again").hidden = false;
  } finally {
    find("waiting").hidden = true;
  }
};

const register = async () => {
  const { ok, answer } = await post(urls.register, {
    token,
    first_name: find("first").value.trim(),
    last_name: find("last").value.trim(),
    password: find("chosen").value,
  });
  if (ok) {
    await leave(answer);
    welcome();
  } else {
    refuse(answer);
  }
};

const logIn = async () => {
  const login = await post(urls.login, { email: find("email").value.trim(), password: find("password").value });
  if (!login.ok) {
    tell(explain(login.answer));
    return;
  }
  const { ok, answer } = await post(urls.accept, { token }, login.answer.access);
  await leave(login.answer);
  if (ok) {
    welcome();
  } else {
    refuse(answer);
  }
};

const onSubmit = (form, fields, work) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (fields.every((field) => field.value)) {
      busy(form, urls.offline, work);
    } else {
      tell(form.dataset.missing);
    }
  });
};

onSubmit(forms.register, [find("chosen")], register);
onSubmit(forms.login, [find("email"), find("password")], logIn);
showOnDemand(find("show-chosen"), [find("chosen")]);
showOnDemand(find("show-password"), [find("password")]);
for (const button of document.querySelectorAll("[data-other]")) {
  button.addEventListener("click", () => showForm(button.dataset.other));
}
find("again").addEventListener("click", look);

if (token) {
  look();
} else {
  end(urls.keyless);
}
