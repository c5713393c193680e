// The people, as staff sees them: found by their address, let out and in again.

import { call } from "../core/api.js";
import { h, settled } from "../core/dom.js";
import { amount, date } from "../core/format.js";
import { current } from "../core/session.js";
import { confirm } from "../components/confirm.js";
import { empty } from "../components/empty.js";
import { keepFocus } from "../components/keep_focus.js";
import { linesSkeleton } from "../components/skeleton.js";
import { complain, offerAgain, say } from "../components/toast.js";

const MOST = 100; // people in one answer of the API; beyond, one searches

export function peopleView(_parameters, { signal, filled }) {
  const list = h("ul", { class: "people", role: "list" }, h("li", {}, linesSkeleton(4)));
  const count = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", "aria-label": "Search people", placeholder: "Beginning of an address", autocomplete: "off", spellcheck: "false", oninput: settled(() => show(), 250) });
  let looking = new AbortController();
  const show = async () => {
    looking.abort(); // or the answer to an older word may come last
    looking = new AbortController();
    const options = { signal: AbortSignal.any([signal, looking.signal]) };
    try {
      const [account, people] = await Promise.all([current(), call("GET", `users/?q=${encodeURIComponent(search.value.trim())}`, undefined, options)]);
      count.textContent = amount(people.length, "person", "people", MOST);
      const entries = people.map((person) => entry(person, account, show));
      if (!people.length) entries.push(h("li", {}, empty("people", "Nobody found", "No address begins like this.")));
      keepFocus(list, () => list.replaceChildren(...entries));
      filled();
    } catch (error) {
      offerAgain(error, show, options.signal);
    }
  };
  show();
  return h("div", { class: "page" }, h("div", { class: "head" }, h("h1", { text: "People" }), count, h("span", { class: "spring" }), search), list);
}

function entry(person, account, onChange) {
  const { id, email, is_active: isActive } = person;
  const act = isActive ? "Deactivate" : "Activate";
  const button = h("button", { type: "button", class: isActive ? "danger" : "secondary", "aria-label": `${act}: ${email}`, text: act, onclick: () => change(person, onChange).catch(complain) });
  return h(
    "li",
    { class: "person", dataset: { key: id } },
    h("span", { class: "words" }, h("span", { class: "title", text: email }), h("span", { class: "facts quiet" }, h("span", { text: `user ${id}` }), h("span", { text: `since ${date(person.created_at)}` }))),
    h("span", { class: "states" }, person.is_staff && h("span", { class: "state open", text: "Staff" }), h("span", { class: `state ${isActive ? "ready" : "hidden"}`, text: isActive ? "Active" : "Inactive" })),
    id === account.id ? h("span", { class: "quiet", text: "You" }) : button,
  );
}

async function change(person, onChange) {
  const isSure = !person.is_active || (await confirm({ title: `Deactivate ${person.email}?`, text: "They are logged out everywhere at once and cannot log in until you activate them again.", yes: "Deactivate" }));
  if (!isSure) return;
  await call("PATCH", `users/${person.id}/`, { is_active: !person.is_active });
  say(person.is_active ? "The account is inactive." : "The account is active.");
  await onChange();
}
