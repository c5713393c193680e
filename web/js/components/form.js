// Forms whose faults stand where they belong: the API names the field, the rest is said above the button.

import { h, uniqueId } from "../core/dom.js";
import { land } from "../core/router.js";

/** A labelled input with room for a hint and for what is wrong with it. `input` properties go to the element. */
export function field(label, { hint, control = "input", options, value, ...input }) {
  const id = uniqueId(input.name);
  const described = hint ? `${id}-hint ${id}-fault` : `${id}-fault`;
  const element = h(control, { id, "aria-describedby": described, ...input }, ...(options ?? []));
  if (value !== undefined) element.value = value;
  return h(
    "div",
    { class: "field" },
    h("label", { for: id, text: label }),
    element,
    hint && h("p", { class: "hint", id: `${id}-hint`, text: hint }),
    h("p", { class: "fault", id: `${id}-fault` }),
  );
}

/** A checkbox drawn as a switch. */
export function toggle(label, { hint, checked = false, ...input }) {
  const id = uniqueId(input.name ?? "switch");
  const box = h("input", { id, type: "checkbox", role: "switch", class: "switch", "aria-describedby": hint && `${id}-hint`, ...input });
  box.checked = checked;
  return h(
    "div",
    { class: "toggle" },
    box,
    h("label", { for: id, text: label }),
    hint && h("p", { class: "hint", id: `${id}-hint`, text: hint }),
  );
}

/** A form. `send(values, form)` is awaited; while it runs nothing is sent twice. */
export function form({ submit, send, ...properties }, ...children) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const button = h("button", { type: "submit", class: "primary", text: submit });
  const element = h("form", { novalidate: true, ...properties }, ...children, trouble, button);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    clear(element, trouble);
    if (!complete(element)) return;
    button.setAttribute("aria-busy", "true");
    try {
      await send(Object.fromEntries(new FormData(element)), element);
    } catch (error) {
      show(error, element, trouble);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  return element;
}

/** Put what came of a form in its place, and the focus there, which would go with the form. */
export function conclude(element, ...content) {
  const outcome = h("div", { class: "done", role: "status" }, ...content);
  element.replaceWith(outcome);
  land(outcome);
}

// the browser's own bubbles are not read out everywhere and cannot be styled: its checks, said in the field's place
function complete(element) {
  const wrong = [...element.elements].filter((each) => each.willValidate && !each.validity.valid);
  for (const each of wrong) fault(each, each.validationMessage);
  wrong[0]?.focus();
  return wrong.length === 0;
}

function fault(input, sentence) {
  input.setAttribute("aria-invalid", "true");
  const place = input.closest(".field")?.querySelector(".fault");
  if (place) place.textContent = sentence;
}

function clear(element, trouble) {
  trouble.textContent = "";
  for (const each of element.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  for (const each of element.querySelectorAll(".fault")) each.textContent = "";
}

function show(error, element, trouble) {
  if (error.name === "AbortError") return;
  if (error.status === undefined) throw error;
  const rest = [];
  for (const [name, sentences] of Object.entries(error.errors)) {
    const input = element.elements.namedItem(name);
    if (input instanceof HTMLElement) fault(input, sentences.join(" "));
    else rest.push(...sentences);
  }
  trouble.textContent = Object.keys(error.errors).length ? rest.join(" ") : error.message;
  element.querySelector("[aria-invalid]")?.focus();
}
