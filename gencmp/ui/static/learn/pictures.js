// Sheets of digits side by side, as they come or sorted.

import { Sheet, el, ground } from "../shared/base.js";
import { Classes } from "../shared/classes.js";
import { say } from "../shared/terms.js";

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  parentElement.gcPictures?.remove();
  const { nouns } = new Classes();
  const figures = data.sheets.map(({ kind, label, words, picture }) => {
    const sheet = new Sheet(8, 8, `64 ${nouns.pictures}: ${label}`);
    sheet.show(picture);
    const said = el("figcaption");
    say(said, words, nouns);
    return el(
      "figure",
      { class: `gc-${kind}` },
      el("strong", {}, label),
      el("div", { class: "gc-frame" }, sheet.canvas),
      said,
    );
  });
  const root = el("section", { class: "gc gc-pictures", "aria-label": "Digits to compare" }, ...figures);
  parentElement.gcPictures = root;
  parentElement.append(root);
  ground(root);
  return () => {
    root.remove();
    if (parentElement.gcPictures === root) delete parentElement.gcPictures;
  };
}
