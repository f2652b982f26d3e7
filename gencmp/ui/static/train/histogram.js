// How often a model draws each class, as the judge sees it: an occasional checkup of 2,000 samples, or fewer if there are fewer real
// pictures.

import { el } from "../shared/base.js";
import { explained } from "../shared/terms.js";

const MAX_NAMES = 30; // class names below a histogram; with more, they are shown only on hover

export class Histogram {
  /** @type {number | null} the epoch that is shown */
  epoch = null;

  constructor() {
    this.root = el("div", { class: "gc-histogram", hidden: true });
  }

  /**
   * @param {any} checkup  from the server; null while there is none
   * @param {import("../shared/classes.js").Classes} classes  of the data
   */
  show(checkup, classes) {
    if (!checkup || checkup.epoch === this.epoch) return;
    this.epoch = checkup.epoch;
    this.root.hidden = false;
    if (checkup.recognisable === false) return void this.root.replaceChildren(...notYet(checkup, classes));
    const { nouns } = classes,
      { digits: shares } = checkup;
    const most = Math.max(...shares, 2 / shares.length),
      names = shares.map((_, label) => classes.name(label));
    const bars = shares.map((share, label) => {
      const title = `${names[label]}: ${Math.round(100 * share)} % of the samples`,
        bar = el("i", {});
      bar.style.height = `${(100 * share) / most}%`;
      return el("span", { title }, el("b", {}, bar), el("em", {}, names[label]));
    });
    const [frechet, floor] = [checkup.frechet, checkup.floor].map((value) => value.toFixed(1));
    const missing = checkup.missing.length ? ` Missing: ${classes.list(checkup.missing)}.` : "";
    const chart = el(
      "div",
      {
        class: `gc-bars ${barNames(names)}`,
        role: "img",
        "aria-label": `How often the model generates each ${nouns.class}`,
      },
      ...bars,
    );
    chart.style.gridTemplateColumns = `repeat(${shares.length}, minmax(0, 1fr))`;
    const noun = nouns.classes[0].toUpperCase() + nouns.classes.slice(1);
    this.root.replaceChildren(
      chart,
      el(
        "p",
        {},
        ...explained(`${noun} in samples at epoch ${checkup.epoch}, as classified by the [judge].`, nouns),
        missing,
        ...explained(` [Fréchet distance] ${frechet}, [floor] ${floor}: lower is better.`, nouns),
      ),
    );
  }
}

// The judge names a class for anything, noise too, so below a share of recognised samples no histogram is shown.
function notYet({ epoch, recognised }, { nouns, areDigits }) {
  const title = areDigits ? "Not digits yet" : `Not ${nouns.pictures} of these classes yet`;
  return [
    el("p", { class: "gc-not-yet" }, el("strong", {}, title)),
    el(
      "p",
      {},
      ...explained(
        `At epoch ${epoch} the [judge] [recognises] ${share(recognised)} of the samples, so which ${nouns.classes} they are would be chance.`,
        nouns,
      ),
    ),
  ];
}

// The layout of class names below narrow bars: horizontal, vertical if long, or hidden if there are too many.
function barNames(names) {
  if (names.length > MAX_NAMES) return "gc-nameless";
  return names.some((name) => name.length > 2) ? "gc-upright" : "";
}

const share = (part) => (part < 0.005 ? "none" : `${Math.round(100 * part)} %`);
