// What the page does in the browser beside Gradio: forms and links of cards run in place, links can be copied, a theme can be asked for.
(() => {
  const query = new URLSearchParams(location.search);
  const address = (part) => new URL(part || ".", location.origin + location.pathname).href;

  function run(part) {  // hand a link's query to the server as if it had been opened
    const box = document.querySelector("#link-box textarea, #link-box input");
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, part);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    history.replaceState(null, "", address(part));  // so that a reload finds the same again
    const list = document.querySelector(".sidebar.open .toggle-button");
    if (list && innerWidth < 1000) list.click();  // the list lies over the conversation
    setTimeout(() => document.querySelector("#link-go").click(), 60);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.experiment");
    if (!form) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([, value]) => value !== "");
    run("?" + new URLSearchParams(fields));
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-run], a[data-copy]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.run) return run(link.dataset.run);
    const words = link.textContent;
    try {
      await navigator.clipboard.writeText(address(link.dataset.copy));
      link.textContent = "Link copied";
    } catch {
      link.textContent = address(link.dataset.copy);  // no clipboard here: show it, to be copied by hand
      return;
    }
    setTimeout(() => { link.textContent = words; }, 2000);
  });

  // Inside a bubble (widget.js) the page round it cannot hear this frame's keys.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && query.get("embed") === "1" && parent !== window) parent.postMessage("frozen-or-tuned:close", "*");
  });

  const theme = query.get("theme");
  const dress = () => {
    if (theme === "dark" || theme === "light") document.body.classList.toggle("dark", theme === "dark");
    if (query.get("embed") === "1") document.documentElement.classList.add("embedded");
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", dress) : dress();
})();
