// Elements without HTML strings: whatever people typed is text and stays text.

/**
 * Make an element. Functions become listeners (`onclick`), `text` its text, `vars` custom properties (an inline style
 * attribute would be refused by the page's policy), objects and booleans properties or bare attributes, the rest attributes.
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (typeof value === "function") element.addEventListener(key.slice(2), value);
  else if (key === "text") element.textContent = value;
  else if (key === "vars") for (const [name, each] of Object.entries(value)) element.style.setProperty(name, each);
  else if (key === "dataset") Object.assign(element.dataset, value);
  else element.setAttribute(key, value === true ? "" : value);
}

let made = 0;

/** An id that no other element has, for labels and descriptions. */
export function uniqueId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

/** Wait some milliseconds, or throw as soon as `signal` aborts. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** Call `action` only when it was not called again for some milliseconds. */
export function settled(action, milliseconds) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds, ...values);
  };
}
