// Log in, register, and what to do when the password is forgotten.

import { call } from "../core/api.js";
import { config } from "../core/config.js";
import { h } from "../core/dom.js";
import { go } from "../core/router.js";
import { logIn } from "../core/session.js";
import { entrance } from "../components/entrance.js";
import { conclude, field, form } from "../components/form.js";
import { complain } from "../components/toast.js";

const emailField = () => field("E-mail", { name: "email", type: "email", autocomplete: "username", required: true, maxlength: "254" });

export function login(_parameters, { query }) {
  const send = async ({ email, password }) => {
    await logIn(email, password);
    enter(query);
  };
  const view = form(
    { submit: "Log in", send },
    emailField(),
    field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
    h("p", { class: "beside" }, h("a", { href: "#/forgotten", text: "Forgotten your password?" })),
  );
  const demo = h("div", { class: "demo" });
  ofStage().then(({ demo: account }) => account && demo.append(demoButton(account, send)));
  return entrance("Log in", view, demo, h("p", { class: "quiet" }, "New here? ", h("a", { href: "#/register", text: "Create an account" })));
}

/** Go where somebody wanted to go before they were asked to log in; who goes back from there does not meet the form again. */
export function enter(query) {
  const next = query.get("next") ?? "/";
  if (!next.startsWith("/studio/")) return go(next, { replace: true });
  location.replace(next);
  return new Promise(() => {}); // the page is being left
}

function demoButton(account, send) {
  const run = () => send(account).catch(complain);
  return h("button", { type: "button", class: "secondary", text: "Look around with the demo account", onclick: run });
}

export function register() {
  const view = form(
    { submit: "Create account", send },
    emailField(),
    field("Password", { name: "password", type: "password", autocomplete: "new-password", required: true, minlength: "8", hint: "At least 8 characters. A sentence is fine, and so are emoji." }),
    field("Repeat the password", { name: "confirmed_password", type: "password", autocomplete: "new-password", required: true }),
  );
  async function send(values) {
    await call("POST", "register/", values, { anonymous: true });
    conclude(view, h("p", {}, "We have sent a mail to ", h("strong", { text: values.email }), ". Open the link in it, and your account is active."), mailboxLink());
  }
  return entrance("Create an account", view, h("p", { class: "quiet" }, "Already registered? ", h("a", { href: "#/login", text: "Log in" })));
}

export function forgotten() {
  const view = form({ submit: "Send me a link", send }, emailField());
  async function send(values) {
    const { detail } = await call("POST", "password_reset/", values, { anonymous: true });
    conclude(view, h("p", { text: detail }), mailboxLink());
  }
  return entrance("Forgotten your password?", h("p", { class: "quiet", text: "We mail you a link with which you choose a new one." }), view, h("p", { class: "quiet" }, h("a", { href: "#/login", text: "Back to the login" })));
}

// on a local stack nothing is delivered: the mails are kept, and shown on a page
function mailboxLink() {
  const link = h("p", { hidden: true }, h("a", { class: "button secondary", href: "/mailbox/", text: "Open the mailbox of this stack" }));
  ofStage().then(({ mailbox }) => (link.hidden = !mailbox));
  return link;
}

// what only a local stack has is not missed: where nothing answers, the form says so when it is sent
function ofStage() {
  return config().catch(() => ({}));
}
