// Runs before Gradio: decides the interface's language, and tells Gradio, which knows the browser's only.
// The link's (?lang=de), else the reader's own choice, else the browser's.
(() => {
  const words = /* the words */;
  const known = (tag) => Object.keys(words).find((language) => language === String(tag || "").toLowerCase().split(/[-_]/)[0]);
  let chosen = null;
  try { chosen = localStorage.getItem("frozen-or-tuned-language"); } catch { /* no storage in this frame */ }
  const language = known(new URLSearchParams(location.search).get("lang")) || known(chosen)
    || [...navigator.languages].map(known).find(Boolean) || "en";
  const tag = language === "zh" ? "zh-CN" : language;
  window.frozenOrTuned = { language, words: words[language] };
  document.documentElement.lang = tag;
  Object.defineProperty(navigator, "language", { get: () => tag, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [tag], configurable: true });
})();
