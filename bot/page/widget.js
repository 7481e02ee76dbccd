// A chat bubble for any page, from one line:
//   <script src="https://APP/widget.js" data-topic="practice" data-question="..." data-theme="dark" data-position="left" data-lang="de" async></script>
// Its own words are in the language of data-lang, else of the page; the chat's in that of data-lang, else of the reader's browser.
// Nothing is loaded before the reader opens it, no cookie is set, no other origin is asked. Everything lives in a shadow root of an
// element with a name of its own, so that no style leaks in or out; its style sheet is made in script, which a strict style-src allows.
(() => {
  const NAME = "frozen-or-tuned-chat";
  const script = document.currentScript;
  if (!script) return;
  const app = new URL(".", script.src).href;
  const { topic, question, theme, position, label, lang } = script.dataset;
  const WORDS = {
    en: ["Frozen or tuned? Ask", "Close the chat", "Frozen or Tuned, a chat about frozen and fine-tuned models"],
    de: ["Frozen oder Tuned? Fragen", "Chat schließen", "Frozen or Tuned, ein Chat über eingefrorene und nachtrainierte Modelle"],
    es: ["¿Frozen o Tuned? Preguntar", "Cerrar el chat", "Frozen or Tuned, un chat sobre modelos congelados y ajustados"],
    fr: ["Frozen ou Tuned ? Demander", "Fermer le chat", "Frozen or Tuned, un chat sur les modèles gelés et ajustés"],
    zh: ["冻结还是微调？提问", "关闭对话", "Frozen or Tuned：关于冻结模型与微调模型的对话"] };
  const known = (tag) => Object.keys(WORDS).find((name) => name === String(tag || "").toLowerCase().split(/[-_]/)[0]);
  const language = known(lang) || known(document.documentElement.lang) || "en";
  const [ask, shut, about] = WORDS[language];
  const side = position === "left" ? "left" : "right";
  if (document.querySelector(`${NAME}[data-side=${side}]`)) return;  // the line stands twice on this page
  const query = new URLSearchParams({ embed: "1" });  // encodes whatever the attributes hold
  if (topic) query.set("topic", topic);
  if (question) query.set("q", question);
  if (known(lang)) query.set("lang", known(lang));
  if (theme === "dark" || theme === "light") query.set("__theme", theme), query.set("theme", theme);

  const host = document.createElement(NAME);
  host.dataset.side = side;
  host.lang = language === "zh" ? "zh-CN" : language;
  // Important and inline: stronger than any rule of the page, also one for every element. `all` leaves the direction out.
  host.style.setProperty("all", "initial", "important");
  host.style.setProperty("direction", "ltr", "important");
  const root = host.attachShadow({ mode: "open" });
  const rules = `
    button { position: fixed; ${side}: 16px; bottom: 16px; z-index: 2147483646; min-height: 48px; padding: 0 18px;
      border: 2px solid transparent; border-radius: 24px; background: #1d4ed8; color: #fff; font: 600 16px/1.2 system-ui, sans-serif;
      cursor: pointer; box-shadow: 0 2px 10px rgba(0,0,0,.3); max-width: calc(100vw - 32px); }
    button:focus-visible { outline: 3px solid #fff; outline-offset: -7px; }
    section { position: fixed; ${side}: 16px; bottom: 76px; z-index: 2147483647; width: min(440px, calc(100vw - 32px));
      height: min(680px, calc(100vh - 96px)); border-radius: 12px; overflow: hidden; background: #fff;
      box-shadow: 0 4px 24px rgba(0,0,0,.35); }
    section[hidden] { display: none; }
    section.dark { background: #18181b; }
    iframe { width: 100%; height: 100%; border: 0; display: block; }
    @media (max-width: 520px) { section { left: 0; right: 0; width: 100vw; height: calc(100vh - 84px); height: calc(100dvh - 84px);
      border-radius: 0; } }
    @media print { button, section { display: none; } }`;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    root.adoptedStyleSheets = [sheet];
  } catch {  // an older browser
    const style = document.createElement("style");
    style.textContent = rules;
    root.append(style);
  }

  const button = document.createElement("button");
  const panel = document.createElement("section");
  const words = label || ask;
  button.type = "button";
  button.textContent = words;
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "panel");
  panel.id = "panel";
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", about);
  if (theme === "dark") panel.className = "dark";
  let frame = null;

  function open() {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = "Frozen or Tuned";
      frame.allow = "clipboard-write";
      frame.src = app + "?" + query;
      panel.append(frame);
    }
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    button.textContent = shut;
    frame.focus({ preventScroll: true });  // the page round it stays where it is
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.textContent = words;
    button.focus({ preventScroll: true });
  }

  button.addEventListener("click", () => (panel.hidden ? open() : close()));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) close(); });
  // The frame tells of an Escape that was pressed inside it.
  addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.data === "frozen-or-tuned:close") close();
  });
  // Tab leads from the button into the chat.
  root.append(button, panel);
  const place = () => document.body.append(host);
  document.body ? place() : document.addEventListener("DOMContentLoaded", place);
})();
