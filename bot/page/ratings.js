// Thumbs under finished answers, and the button that has kept rows deleted. Loaded only where questions are kept.
// The server leaves an empty place for each answer, since the conversation is drawn anew with every message; this fills it.
(() => {
  const THUMBS = "frozen-or-tuned-thumbs", KEPT = "frozen-or-tuned-kept", MOST = 200;
  const REASONS = [["wrong", "reason_wrong"], ["not my question", "reason_not_mine"], ["hard to understand", "reason_hard"],
    ["other", "reason_other"]];
  const says = (key) => window.frozenOrTuned?.words[key] || "";  // early.js chose the language
  const THUMB = '<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" fill="currentColor"><path d="M3 10h4v11H3z M9 21V10l4-8 '
    + '2.5 1.5-1 5.5H21l-2 12z"/></svg>';
  const given = new Map(read(THUMBS)), kept = new Set(read(KEPT)), said = new Map();

  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; }
  }

  function write(key, values) {
    try { localStorage.setItem(key, JSON.stringify([...values].slice(-MOST))); } catch { /* a frame without storage: until the reload */ }
  }

  function remember(id, thumb, reason) {
    given.delete(id);
    if (thumb) given.set(id, { thumb, reason });
    write(THUMBS, given);
  }

  async function send(body) {
    try {
      const answer = await fetch(new URL("feedback", location.origin + location.pathname),
        { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      return { ok: answer.ok, words: says({ 429: "send_fast", 503: "send_full" }[answer.status] || "send_failed") };
    } catch {
      return { ok: false, words: says("send_failed") };
    }
  }

  function button(words, pressed) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.setAttribute("aria-pressed", pressed);
    return made;
  }

  function fill(place) {
    const id = place.dataset.id, now = given.get(id) || {};
    if (!kept.has(id)) write(KEPT, kept.add(id));
    const group = (label) => {
      const made = document.createElement("div");
      made.setAttribute("role", "group");
      made.setAttribute("aria-label", label);
      return made;
    };
    const thumbs = group(says("helpful_ask")), reasons = group(says("reason_ask")), status = document.createElement("span");
    for (const [thumb, words] of [["up", says("helpful")], ["down", says("not_helpful")]]) {
      const made = button(words, now.thumb === thumb);
      made.insertAdjacentHTML("afterbegin", THUMB);
      made.dataset.thumb = thumb;
      thumbs.append(made);
    }
    for (const [reason, words] of now.thumb === "down" ? REASONS : []) {
      const made = button(says(words), now.reason === reason);
      made.dataset.reason = reason;
      reasons.append(made);
    }
    status.setAttribute("role", "status");
    const focused = place.contains(document.activeElement) && { ...document.activeElement.dataset };
    place.replaceChildren(thumbs, status, ...(reasons.childElementCount ? [reasons] : []));
    status.textContent = said.get(id) || "";
    place.dataset.filled = "yes";
    if (focused) {
      const [name, value] = Object.entries(focused)[0];
      place.querySelector(`[data-${name}="${value}"]`)?.focus({ preventScroll: true });
    }
  }

  async function rate(place, thumb, reason) {
    const id = place.dataset.id, before = given.get(id) || {};
    remember(id, thumb, reason);
    said.delete(id);
    fill(place);
    const { ok, words } = await send({ id, thumb: thumb || null, reason: reason || null });
    if (!ok) remember(id, before.thumb, before.reason);
    said.set(id, !ok ? words : says(!thumb ? "rated_back" : thumb === "down" && !reason ? "rated_why" : "rated"));
    fill(document.querySelector(`.rating[data-id="${id}"]`) || place);
  }

  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest(".rating button, button[data-forget]");
    if (!pressed) return;
    const place = pressed.closest(".rating");
    if (!place) {
      const status = pressed.parentElement.querySelector("[role=status]"), ids = [...kept].slice(-MOST);
      if (!ids.length) { status.textContent = says("forget_none"); return; }
      const { ok, words } = await send({ forget: ids });
      status.textContent = ok ? says("forgotten").replace("{count}", ids.length) : words;
      if (!ok) return;
      [kept, given, said].forEach((all) => all.clear());
      write(KEPT, kept);
      write(THUMBS, given);
      document.querySelectorAll(".rating").forEach((found) => found.replaceChildren());
      return;
    }
    const now = given.get(place.dataset.id) || {};
    if (pressed.dataset.reason) rate(place, "down", now.reason === pressed.dataset.reason ? undefined : pressed.dataset.reason);
    else rate(place, now.thumb === pressed.dataset.thumb ? undefined : pressed.dataset.thumb);
  });

  const look = () => document.querySelectorAll(".rating:not([data-filled])").forEach(fill);
  const start = () => { new MutationObserver(look).observe(document.body, { childList: true, subtree: true }); look(); };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
