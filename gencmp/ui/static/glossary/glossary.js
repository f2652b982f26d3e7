// The glossary to read: terms in alphabetical order, fewer with each letter that is typed.

import { el, ground } from "../shared/base.js";

/**
 * Whether an entry has all words that were typed, in its name or its explanation.
 * @param {string[]} entry  [name, explanation]
 * @param {string} typed
 */
export function matches(entry, typed) {
  const text = folded(entry.join(" "));
  return folded(typed)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

// "Fréchet" is found by "frechet".
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  const before = parentElement.gcGlossary?.querySelector("input").value ?? "";
  parentElement.gcGlossary?.remove();
  const box = el("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search the glossary",
    value: before,
  });
  const found = el("p", { class: "gc-found", role: "status" });
  const rows = data.entries.map(([name, words]) => el("div", {}, el("dt", {}, name), el("dd", {}, words)));
  const root = el(
    "section",
    { class: "gc gc-glossary", "aria-label": "Glossary" },
    el("div", { class: "gc-search" }, box, found),
    el("dl", {}, ...rows),
  );
  const search = () => {
    const shown = data.entries.map((entry) => matches(entry, box.value));
    rows.forEach((row, i) => {
      row.hidden = !shown[i];
    });
    const many = shown.filter(Boolean).length;
    found.textContent = many ? `${many} of ${rows.length} terms` : "No term has these words.";
  };
  box.addEventListener("input", search);
  parentElement.gcGlossary = root;
  parentElement.append(root);
  ground(root);
  search();
  return () => {
    root.remove();
    if (parentElement.gcGlossary === root) delete parentElement.gcGlossary;
  };
}
