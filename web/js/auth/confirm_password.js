// The page behind the link of a reset mail.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { entrance } from "../components/entrance.js";
import { conclude, field, form } from "../components/form.js";
import { link } from "./link.js";

const known = link();
document.querySelector("main").append(entrance("Choose a new password", known ? passwordForm(known) : incomplete()));

function passwordForm({ uid, token }) {
  const view = form(
    {
      submit: "Set the password",
      send: async (values) => {
        const { detail } = await call("POST", `password_confirm/${uid}/${token}/`, values, { anonymous: true });
        conclude(view, h("p", { text: detail }), h("a", { class: "button primary", href: "/#/login", text: "Log in" }));
      },
    },
    field("New password", { name: "new_password", type: "password", autocomplete: "new-password", required: true, minlength: "8", hint: "At least 8 characters." }),
    field("Repeat the password", { name: "confirm_password", type: "password", autocomplete: "new-password", required: true }),
    h("p", { class: "quiet" }, "The link is too old? ", h("a", { href: "/#/forgotten", text: "Ask for a new one" })),
  );
  return view;
}

function incomplete() {
  return h("p", { class: "trouble", role: "alert" }, "This link is not complete. Open it from the mail once more, or ", h("a", { href: "/#/forgotten", text: "ask for a new one" }), ".");
}
