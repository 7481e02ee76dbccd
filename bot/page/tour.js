// The tour of a first visit: four steps, each beside what it speaks of. Not in frames, not when a link brought the reader, not twice.
(() => {
  const KEY = "frozen-or-tuned-tour";
  const query = new URLSearchParams(location.search);
  const words = window.frozenOrTuned?.words;
  const steps = [["tour_ask", "#question"], ["tour_begin", "#begin"], ["tour_experiments", "#tool-experiments"], ["tour_keep", ".tools"]];
  const seen = () => { try { return localStorage.getItem(KEY); } catch { return "no storage"; } };
  const remember = () => { try { localStorage.setItem(KEY, "seen"); } catch { /* then it is shown again */ } };
  if (!words || parent !== window || ["q", "demo", "embed", "topic"].some((name) => query.has(name)) || seen()) return;

  function start() {
    const box = document.createElement("section");
    box.id = "tour";
    box.tabIndex = -1;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", words.tour);
    box.innerHTML = '<p id="tour-step"></p><p id="tour-text"></p><div><button type="button" data-next></button><button type="button" data-skip></button></div>';
    box.setAttribute("aria-describedby", "tour-text");
    const [place, text, next, skip] = ["#tour-step", "#tour-text", "[data-next]", "[data-skip]"].map((part) => box.querySelector(part));
    let at = -1;
    const mark = (on) => document.querySelector(steps[at]?.[1])?.classList.toggle("toured", on);

    function end() {
      if (!box.isConnected) return;
      mark(false);
      const within = box.contains(document.activeElement);
      box.remove();
      remember();
      document.removeEventListener("keydown", escape);
      if (within) document.querySelector("#question textarea, #question input")?.focus({ preventScroll: true });
    }

    function go() {
      mark(false);
      at += 1;
      if (at === steps.length) return end();
      mark(true);
      const shown = document.querySelector(steps[at][1]);
      shown?.scrollIntoView({ block: "nearest" });
      box.classList.toggle("high", shown?.getBoundingClientRect().top > innerHeight / 2);  // it covers nothing that it speaks of
      place.textContent = words.tour_step.replace("{step}", at + 1).replace("{steps}", steps.length);
      text.textContent = words[steps[at][0]];
      next.textContent = at + 1 < steps.length ? words.tour_next : words.tour_done;
      skip.textContent = words.tour_skip;
      skip.hidden = at + 1 === steps.length;
      next.focus({ preventScroll: true });
    }

    const escape = (event) => { if (event.key === "Escape" && !document.querySelector("dialog[open]")) end(); };
    document.addEventListener("keydown", escape);
    next.addEventListener("click", go);
    skip.addEventListener("click", end);
    // Whoever begins to work with the page has no need of it.
    new MutationObserver((_, watcher) => {
      if (document.querySelector("#chat .asked")) { watcher.disconnect(); end(); }
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelector(".asking").before(box);
    go();
  }

  const begin = () => {
    if (document.querySelector("#chat .asked")) return;  // a conversation was restored
    document.querySelector(".asking") && document.querySelector("#question textarea, #question input") ? start() : setTimeout(begin, 300);
  };
  setTimeout(begin, 1500);  // a kept conversation is there by then
})();
