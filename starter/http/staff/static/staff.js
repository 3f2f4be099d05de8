// What pages do beyond HTML: a part marked `data-live` is fetched again when what it shows has changed. Without this
// every page works, by reloading. `data-events`: the stream that says when; `data-every`: else so many seconds.
"use strict";

const live = document.querySelector("[data-live]");
let fetching = false;

async function refresh() {
  // A hidden page, or one that somebody is typing in, stays as it is.
  if (fetching || document.hidden || live.contains(document.activeElement?.closest("form"))) return;
  fetching = true;
  try {
    const address = new URL(location.href);
    address.searchParams.delete("done");
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    swap(page.querySelector("[data-live]"));
  } finally {
    fetching = false;
  }
}

function swap(fresh) {
  if (!fresh || fresh.innerHTML === live.innerHTML) return;
  const open = new Set([...live.querySelectorAll("details[open]")].map((each) => each.id));
  const focused = pathOf(document.activeElement);
  live.innerHTML = fresh.innerHTML;
  for (const each of live.querySelectorAll("details")) each.open = open.has(each.id);
  if (focused) live.querySelector(focused)?.focus({ preventScroll: true });
  const place = document.getElementById("announcement");
  if (place) place.textContent = live.dataset.changed;
}

function pathOf(element) {
  if (!element || !live.contains(element)) return null;
  if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  return element.matches("summary") ? `#${CSS.escape(element.parentElement.id)} > summary` : null;
}

if (live?.dataset.events) {
  const stream = new EventSource(live.dataset.events);
  stream.addEventListener("changed", refresh);
  document.addEventListener("visibilitychange", refresh);
} else if (live?.dataset.every) {
  setInterval(refresh, 1000 * Number(live.dataset.every));
}
