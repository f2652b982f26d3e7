// What is wrong with a run, if anything: a sentence on its card, what it means, and a button for what may cure it.

import { el } from "../shared/base.js";
import { say } from "../shared/terms.js";

export class Diagnosis {
  /** @param {() => void} onCure  called when the button is pressed */
  constructor(onCure) {
    this.sentence = el("strong", {});
    this.meaning = el("span", {});
    this.button = el("button", { type: "button", class: "gc-cure", hidden: true });
    this.button.addEventListener("click", () => {
      this.button.disabled = true; // until the run's changes have come, a second press would do it again
      onCure();
    });
    this.root = el(
      "div",
      { class: "gc-diagnosis", role: "status", hidden: true },
      this.sentence,
      " ",
      this.meaning,
      this.button,
    );
  }

  /**
   * @param {any} found  from the server; null while it is too early to say
   * @param {Record<string, any>} nouns  of the data
   */
  show(found, nouns) {
    this.root.hidden = !found;
    if (!found) return;
    this.root.dataset.level = found.level;
    say(this.sentence, found.sentence, nouns);
    say(this.meaning, [found.meaning, found.advice].filter(Boolean).join(" "), nouns);
    const { cure } = found;
    if (this.button.textContent !== cure) this.button.disabled = false;
    this.button.hidden = !cure;
    if (this.button.textContent !== cure) this.button.textContent = cure;
  }
}

// Where it began, for the charts; nothing where nothing is wrong.
export const beginning = (found) =>
  !found || found.level === "well" ? [] : [{ place: Math.max(0, found.since - 1), words: plainly(found.sentence) }];

const plainly = (sentence) => sentence.replace(/\[([^[\]|]+)(?:\|[^[\]]+)?\]/g, "$1");
