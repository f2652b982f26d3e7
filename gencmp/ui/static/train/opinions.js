// A row of the minibatch's pictures; for a GAN, with D's opinion under each.

import { Sheet, el } from "../shared/base.js";
import { explained } from "../shared/terms.js";

const COLUMNS = 8;

export class Row {
  /**
   * @param {string} words  what these pictures are, with terms in brackets
   * @param {string} label  the same for those who cannot see it
   * @param {boolean} judged  whether D says something of them
   */
  constructor(words, label, judged, nouns) {
    this.sheet = new Sheet(COLUMNS, 1, label);
    this.opinions = judged ? Array.from({ length: COLUMNS }, opinion) : [];
    this.root = el(
      "figure",
      { class: "gt-row" },
      el("figcaption", {}, ...explained(words, nouns), (this.unseen = el("small"))),
      el("div", { class: "gc-frame" }, this.sheet.canvas),
      judged ? el("div", { class: "gt-opinions" }, ...this.opinions.map(({ root }) => root)) : null,
    );
  }

  /**
   * @param {string} url
   * @param {number[] | undefined} said  D's probabilities that they are real; none if D has not looked at them
   * @param {string} unseen  why not
   */
  show(url, said, unseen = "") {
    this.sheet.show(url);
    this.#words(unseen);
    this.root.removeAttribute("data-empty");
    this.opinions.forEach((each, i) => each.show(said?.[i]));
  }

  /** @param {string} why  there are no pictures */
  clear(why) {
    this.#words(why);
    this.root.setAttribute("data-empty", "");
    this.opinions.forEach((each) => each.show(undefined));
  }

  #words(unseen) {
    this.unseen.textContent = unseen && ` · ${unseen}`;
    this.root.toggleAttribute("data-unseen", Boolean(unseen));
  }
}

function opinion() {
  const bar = el("i"),
    number = el("b");
  const root = el("span", {}, el("span", { class: "gt-says" }, bar), number);
  const show = (share) => {
    const known = share !== undefined && share !== null,
      words = known ? `${Math.round(100 * share)} %` : "–";
    bar.style.width = known ? `${100 * share}%` : "0";
    number.replaceChildren(words, known ? el("em", {}, " real") : "");
    root.dataset.tip = known
      ? `D says before this phase's update: ${words} likely to be real. At 50 % it cannot tell.`
      : "D has not looked at this picture in this phase.";
  };
  return { root, show };
}
