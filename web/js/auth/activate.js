// The page behind the link of an activation mail.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { entrance } from "../components/entrance.js";
import { conclude, field, form } from "../components/form.js";
import { link } from "./link.js";

const outcome = h("div", { role: "status" }, h("p", { text: "One moment …" }));
document.querySelector("main").append(entrance("Activate your account", outcome));
activate();

async function activate() {
  const known = link();
  try {
    if (!known) throw new Error("This link is not complete. Open it from the mail once more.");
    const { message } = await call("GET", `activate/${known.uid}/${known.token}/`, undefined, { anonymous: true });
    outcome.replaceChildren(h("div", { class: "done" }, h("p", { text: message }), h("a", { class: "button primary", href: "/#/login", text: "Log in" })));
  } catch (error) {
    outcome.replaceChildren(h("p", { class: "trouble", text: error.message }));
    outcome.after(again());
  }
}

function again() {
  const view = form(
    {
      submit: "Send me a new link",
      send: async (values) => {
        const { detail } = await call("POST", "activate/resend/", values, { anonymous: true });
        conclude(view, h("p", { text: detail }));
      },
    },
    field("E-mail", { name: "email", type: "email", autocomplete: "username", required: true }),
  );
  return view;
}
