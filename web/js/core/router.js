// Views behind `#/…` addresses: they work from any static file server, and a link can be opened, shared and gone back to.

/**
 * Show the view of the address, now and whenever it changes.
 *
 * A route is `{path, title, view, open}`: `path` a RegExp on what follows the `#`, whose groups are the view's
 * parameters; `view(parameters, context)` answers an element at once and fills it later, until `context.signal` aborts. It
 * calls `context.filled()` then: who comes back is where they were only when the view is as long as it was.
 * `before(route)` may answer another address to go to; where it meets a refusal, `unanswered(error, again)` is shown.
 */
export function start(outlet, routes, { before, missing, unanswered }) {
  let leaving = new AbortController();
  const places = new Map(); // how far down the reader was, by address
  let shown = null;

  async function show({ isFirst = false } = {}) {
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    const address = location.hash.slice(1) || "/";
    const [path, query = ""] = address.split("?");
    const route = routes.find((each) => each.path.test(path)) ?? missing;
    let elsewhere;
    try {
      elsewhere = await before(route, address);
    } catch (error) {
      if (error.status === undefined) throw error;
      if (!signal.aborted) outlet.replaceChildren(unanswered(error, () => show()));
      return;
    }
    if (signal.aborted) return;
    if (elsewhere) return go(elsewhere, { replace: true });
    if (shown !== null) places.set(shown, scrollY);
    shown = address;
    const parameters = route.path?.exec(path)?.slice(1).map(decodeURIComponent) ?? [];
    document.body.dataset.view = route.name;
    document.title = route.title ? `${route.title} · Videoflix` : "Videoflix";
    const place = places.get(address) ?? 0;
    let reached = null; // pixels; who has scrolled since then stays there
    const filled = () => {
      if (!signal.aborted && scrollY === reached) scrollTo(0, place);
      reached = null;
    };
    const view = route.view(parameters, { signal, query: new URLSearchParams(query), filled });
    outlet.replaceChildren(view);
    scrollTo(0, place);
    reached = scrollY;
    if (!isFirst && !view.contains(document.activeElement) && !isTyping()) announce(view);
  }

  addEventListener("hashchange", () => show());
  show({ isFirst: true });
  return { again: () => show() };
}

export function go(address, { replace = false } = {}) {
  const url = `#${address}`;
  if (replace) {
    history.replaceState(null, "", url);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = url;
  }
}

// in the header's search box, whose finds the view shows: the next letter belongs there, too
function isTyping() {
  return Boolean(document.activeElement?.matches("input, textarea"));
}

/** Move the focus to the view's heading, as a new page would be announced. */
export function announce(view) {
  const heading = view.querySelector("h1");
  if (heading) land(heading);
}

/** Move the focus to what is read, not used: Tab goes on from there. */
export function land(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
