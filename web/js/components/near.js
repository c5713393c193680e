// What waits until it is nearly seen, or goes on only while it is. A browser's own lazy loading fetches what lies more than a
// screen below.

const MARGIN = "80px"; // around the window, and around what scrolls in it

const actions = new WeakMap();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) actions.get(target)(isIntersecting);
  },
  { rootMargin: MARGIN, scrollMargin: MARGIN },
);

function observe(element, action) {
  actions.set(element, action);
  observer.observe(element);
}

/** Call `action` once, when `element` is about to be seen. */
export function whenNear(element, action) {
  observe(element, (isNear) => {
    if (!isNear) return;
    observer.unobserve(element);
    action();
  });
}

/** Call `action(signal)` each time when `element` is about to be seen; `signal` aborts when it is not any more. */
export function whileNear(element, action) {
  let leaving = new AbortController();
  observe(element, (isNear) => {
    leaving.abort();
    if (!isNear) return;
    leaving = new AbortController();
    action(leaving.signal);
  });
}
