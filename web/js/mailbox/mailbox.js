// The mails that the local stack kept. A mail's text is only ever set as textContent; its HTML stays in a sandboxed frame.

const REFRESH = 3000; // milliseconds
const $ = (selector) => document.querySelector(selector);

let mails = [];
let shown = null;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function say(text) {
  if ($("#state").textContent !== text) $("#state").textContent = text; // a screen reader hears changes only
}

function time(mail) {
  return new Date(mail.sent_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

function wanted() {
  const to = $("#to").value.trim().toLowerCase();
  return mails.filter((mail) => mail.to.toLowerCase().includes(to)).reverse();
}

function entry(mail) {
  const button = element(
    "button",
    { type: "button" },
    element("span", { className: "subject", textContent: mail.subject }),
    element("span", { className: "about quiet", textContent: `${mail.to} · ${time(mail)}` }),
  );
  button.dataset.id = mail.id;
  button.addEventListener("click", () => {
    show(mail);
    $("#mail").scrollIntoView({ block: "start" }); // on a phone it lies below the list
  });
  return element("li", {}, button);
}

function list() {
  const found = wanted();
  const focused = document.activeElement?.dataset?.id;
  $("#list").replaceChildren(...found.map(entry));
  if (focused) $(`#list [data-id="${CSS.escape(focused)}"]`)?.focus();
  mark();
  say(count(found.length));
}

function count(found) {
  if (mails.length === 0) return "No mails yet. They appear here by themselves.";
  if (found === 0) return "No mail to such an address.";
  return found === 1 ? "1 mail" : `${found} mails`;
}

function mark() {
  for (const button of document.querySelectorAll("#list button")) {
    button.setAttribute("aria-current", String(button.dataset.id === shown?.id));
  }
}

function linked(text) {
  return text.split(/(https?:\/\/\S+)/).map((part, index) =>
    index % 2 ? element("a", { href: part, target: "_blank", rel: "noreferrer", textContent: part }) : part,
  );
}

function show(mail) {
  shown = mail;
  $("#mail").hidden = false;
  $("#subject").textContent = mail.subject;
  $("#recipient").textContent = mail.to;
  $("#time").textContent = time(mail);
  $("#time").dateTime = mail.sent_at;
  $("#html").src = `/mails/${encodeURIComponent(mail.id)}`;
  $("#text").replaceChildren(...linked(mail.text));
  mark();
}

function view(asText) {
  $("#html").hidden = asText;
  $("#text").hidden = !asText;
  $("#as-html").setAttribute("aria-pressed", String(!asText));
  $("#as-text").setAttribute("aria-pressed", String(asText));
}

async function refresh() {
  try {
    const answer = await fetch("/mails.json", { cache: "no-store" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.errors.non_field_errors[0]);
    const changed = JSON.stringify(body) !== JSON.stringify(mails);
    mails = body;
    if (changed) list();
    else say(count(wanted().length));
    if (!shown && mails.length) show(wanted()[0] ?? mails.at(-1));
  } catch (error) {
    say(error instanceof TypeError ? "The local stack does not answer." : error.message);
  } finally {
    setTimeout(refresh, REFRESH);
  }
}

$("#to").addEventListener("input", list);
$("#as-html").addEventListener("click", () => view(false));
$("#as-text").addEventListener("click", () => view(true));
refresh();
