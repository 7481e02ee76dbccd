// What the page does in the browser beside Gradio: forms and links of cards run in place, links are copied, the conversation is
// saved, the list of experiments opens, the question stays in view while its answer arrives.
(() => {
  const query = new URLSearchParams(location.search);
  const page = window.frozenOrTuned ??= { words: {} };  // early.js made it
  const address = (part) => new URL(part || ".", location.origin + location.pathname).href;
  const one = (selector) => document.querySelector(selector);
  const say = (key, places = {}) => Object.entries(places).reduce((text, [name, value]) => text.replace(`{${name}}`, value), page.words[key] || "");

  // A sentence for everybody: shown above the question box for a while, and read out.
  let quiet = 0;
  function tell(text) {
    let line = one("#told");
    if (!line) {
      line = Object.assign(document.createElement("p"), { id: "told" });
      line.setAttribute("role", "status");
      one(".asking")?.append(line);
    }
    line.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => { line.textContent = ""; }, 6000);
  }

  function run(part) {  // hand a link's query to the server as if it had been opened
    const box = one("#link-box textarea, #link-box input");
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, part);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    history.replaceState(null, "", address(part));  // so that a reload finds the same again
    one("dialog.bench")?.close();
    setTimeout(() => one("#link-go").click(), 60);
  }

  async function copy(part) {
    try {
      await navigator.clipboard.writeText(address(part));
      return true;
    } catch {
      return false;
    }
  }

  page.list = () => one("dialog.bench").showModal();  // Escape closes it, and focus goes back to the button

  page.share = async () => {
    const asked = [...document.querySelectorAll(".asked[data-asked]")].map((line) => ["q", line.textContent]).slice(-12);
    const cards = [...document.querySelectorAll(".card [data-copy], .again [data-run]")];
    const last = cards.length ? cards.at(-1).dataset.copy || cards.at(-1).dataset.run : "";
    if (!asked.length && !last) return tell(say("nothing_to_keep"));
    const topic = query.get("topic");
    const part = asked.length ? "?" + new URLSearchParams([...(topic ? [["topic", topic]] : []), ...asked]) : last;
    tell(await copy(part) ? say("link_copied") : address(part));
  };

  page.save = (data) => {
    if (!data) return tell(say("nothing_to_keep"));
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
    link.download = "frozen-or-tuned.zip";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    tell(say("saved"));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.experiment");
    if (!form) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([, value]) => value !== "");
    run("?" + new URLSearchParams(fields));
  });

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-close]") || event.target.matches("dialog.bench")) return one("dialog.bench").close();
    const link = event.target.closest("a[data-run], a[data-copy], a[data-without]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.run) return run(link.dataset.run);
    if (link.dataset.without) return without(link.dataset.without);
    const words = link.textContent;
    if (!await copy(link.dataset.copy)) {
      link.textContent = address(link.dataset.copy);  // no clipboard here: show it, to be copied by hand
      return;
    }
    link.textContent = say("link_copied");
    tell(say("link_copied"));
    setTimeout(() => { link.textContent = words; }, 2000);
  });

  document.addEventListener("change", async (event) => {  // a file of lines goes into the box before it
    if (!event.target.matches("form.experiment .from-file input")) return;
    const [file] = event.target.files;
    if (!file) return;
    const text = file.size <= 1e6 ? await file.text() : "\0";
    if (/[\0\uFFFD]/.test(text)) return tell(say("file_unread"));  // too large, or no text
    event.target.closest("label").previousElementSibling.querySelector("textarea").value = text.replace(/^\uFEFF/, "");
  });

  function without(...names) {  // the same page, with less in its address
    for (const name of names) query.delete(name);
    location.search = query;
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "language") return;
    try { localStorage.setItem("frozen-or-tuned-language", event.target.value); } catch { query.set("lang", event.target.value); }
    // The link's questions are in the conversation, which is kept.
    if (query.get("lang") !== event.target.value) query.delete("lang");
    without("q", "after", "demo");
  });

  // Gradio gives every radio button a name of its own, so the browser does not know that they belong together.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.closest("#topics")) return;
    event.preventDefault();
    const all = [...document.querySelectorAll("#topics input")];
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
    next.focus();
    next.click();
  });

  document.addEventListener("input", (event) => {
    const most = event.target.maxLength;
    if (event.target.closest("#question") && most > 0 && event.target.value.length >= most) tell(say("too_long", { limit: most }));
  });

  // The reader reads from the question down: bring it to the top, once; a reader who scrolls is left alone from then on.
  let asked = 0, following = false, stopping = false;
  const letGo = () => { following = false; };
  for (const name of ["wheel", "touchmove", "pointerdown"]) addEventListener(name, letGo, { passive: true });
  addEventListener("keydown", (event) => { if (/^(Arrow|Page|Home|End|Tab| )/.test(event.key)) letGo(); });
  function look() {
    for (const words of document.querySelectorAll("#chat .bot .md:not([lang]), .starters button:not([lang])")) words.lang = "en";
    for (const wide of document.querySelectorAll("#chat .md :is(pre, table):not([tabindex])")) wide.tabIndex = 0;  // they scroll, by keyboard too
    const lines = document.querySelectorAll("#chat .asked");
    if (lines.length > asked) {
      following = true;
      // Room for the question to reach the top before its answer is long enough, so that nothing jumps when figures arrive.
      const below = one(".asking").parentElement.getBoundingClientRect().bottom - one("#chat").getBoundingClientRect().bottom;
      const room = Math.min(innerHeight, 1200) - [...lines].at(-1).getBoundingClientRect().height - below + 40;
      one("#chat").style.setProperty("--room", `${Math.max(0, room)}px`);
    }
    asked = lines.length;
    const pending = one("#chat .pending");
    if (following && lines.length) {
      scrollBy(0, [...lines].at(-1).getBoundingClientRect().top - 12);
      if ([...lines].at(-1).getBoundingClientRect().top < 16 || !pending) letGo();
    }
    if (pending) stopping = stopping || document.activeElement?.id === "stop";
    else if (stopping) {  // the button under the reader's focus is gone
      stopping = false;
      if ([null, document.body, one("#stop")].includes(document.activeElement)) one("#ask").focus({ preventScroll: true });
    }
  }
  let waiting = 0;
  const watch = () => new MutationObserver(() => { waiting ||= requestAnimationFrame(() => { waiting = 0; look(); }); })
    .observe(document.body, { childList: true, subtree: true });

  // On paper: light, and what is folded away on the screen and belongs to the text is open.
  let dark = false, folded = [];
  addEventListener("beforeprint", () => {
    dark = document.body.classList.contains("dark");
    document.body.classList.remove("dark");
    folded = [...document.querySelectorAll("details.sources:not([open])")];
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    document.body.classList.toggle("dark", dark);
    for (const part of folded) part.open = false;
  });

  // Inside a bubble (widget.js) the page round it cannot hear this frame's keys.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && query.get("embed") === "1" && parent !== window && !one("dialog[open]"))
      parent.postMessage("frozen-or-tuned:close", "*");
  });

  const theme = query.get("theme");
  const dress = () => {
    if (theme === "dark" || theme === "light") document.body.classList.toggle("dark", theme === "dark");
    if (query.get("embed") === "1") document.documentElement.classList.add("embedded");
    watch();
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", dress) : dress();
})();
