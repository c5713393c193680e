// One's own account: change the password, take the data away, delete everything.

import { call, callForText, sessionEvents } from "../core/api.js";
import { h } from "../core/dom.js";
import { date } from "../core/format.js";
import { current } from "../core/session.js";
import { confirm } from "../components/confirm.js";
import { field, form } from "../components/form.js";
import { complain, say } from "../components/toast.js";

export function accountView() {
  const facts = h("p", { class: "quiet" });
  current().then((account) => (facts.textContent = `${account.email} · since ${date(account.created_at)}`), complain);
  return h(
    "div",
    { class: "page narrow" },
    h("h1", { text: "Account" }),
    facts,
    section("Password", passwordForm()),
    section(
      "Your data",
      h("p", { class: "quiet", text: "Everything that is kept about you, as one JSON file." }),
      h("button", { type: "button", class: "secondary", text: "Download", onclick: () => download().catch(complain) }),
    ),
    section("Delete the account", h("p", { class: "quiet", text: "Your films, where you stopped watching and your sessions go with it. This cannot be undone." }), deletionForm()),
  );
}

function section(title, ...content) {
  return h("section", { class: "box" }, h("h2", { text: title }), ...content);
}

function passwordForm() {
  const secret = (label, name, autocomplete) => field(label, { name, type: "password", autocomplete, required: true });
  return form(
    {
      submit: "Change password",
      send: async (values) => {
        const { detail } = await call("POST", "password_change/", values);
        say(detail);
        sessionEvents.dispatchEvent(new Event("ended")); // a new password ends every session, this one too
      },
    },
    secret("Current password", "current_password", "current-password"),
    secret("New password", "new_password", "new-password"),
    secret("Repeat the new password", "confirm_password", "new-password"),
  );
}

async function download() {
  const url = URL.createObjectURL(new Blob([await callForText("GET", "account/export/")], { type: "application/json" }));
  h("a", { href: url, download: "videoflix-account.json" }).click();
  URL.revokeObjectURL(url);
}

function deletionForm() {
  return form(
    {
      submit: "Delete my account",
      send: async (values) => {
        const isSure = await confirm({ title: "Delete your account?", text: "All your films are deleted with it.", yes: "Delete everything" });
        if (!isSure) return;
        await call("DELETE", "account/", values);
        location.reload();
      },
    },
    field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
  );
}
