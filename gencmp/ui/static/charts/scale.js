// The vertical axis of a live chart: what it spans, linear or logarithmic, and the small buttons for both. A user's own zoom
// stays until a double click or a button ends it.

import { el } from "../shared/base.js";
import { recall, remember } from "../shared/memory.js";
import { aboveWords, axisFor, everything, interesting } from "./range.js";

const LOG = "gencmp-log"; // what the browser remembers, and the event that tells the page's other charts
const TWICE = 400; // ms between the two taps of a double tap at most

export class Scale {
  /**
   * @param {any} layout  of the chart's specification; without `meta.scale` its axis is Plotly's own
   * @param {() => void} changed  draws the chart anew, all of its epochs
   */
  constructor(layout, changed) {
    this.spec = layout.meta?.scale;
    this.marks = layout.shapes;
    this.changed = changed;
    this.showsAll = false;
    this.isZoomed = false;
    this.isLog = Boolean(this.spec?.log) && recall(LOG) === "1";
    /** @type {import("./range.js").Range | null} */
    this.range = null;
    /** @type {import("./range.js").Line[]} */
    this.lines = [];
  }

  /** A value's place on the axis, as Plotly wants it for ranges and notes. */
  at = (y) => (y === null ? null : this.isLog ? Math.log10(y) : y);

  /**
   * What the axis should be for these lines.
   * @param {import("./range.js").Line[]} lines  as they are drawn
   * @param {any} now  the axis as it is, with the user's zoom
   */
  axis(lines, now) {
    if (!this.spec) return {};
    const type = this.isLog ? "log" : "linear";
    if (this.isZoomed) return { type, range: now.range, autorange: false };
    this.lines = lines.map(({ x, y, isFaint }) => ({ x, y: y.map(this.at), isFaint }));
    const strong = this.lines.filter(({ isFaint }) => !isFaint);
    const marks = this.marks.map(({ y0 }) => this.at(y0)).filter(Number.isFinite);
    const wanted = this.showsAll
      ? everything(this.lines, marks)
      : interesting(strong, this.spec.marks ? marks : [], this.spec.floor, this.spec.least);
    if (!wanted) return { type, range: [0, 1], autorange: false, showticklabels: false };
    this.range = axisFor(this.range, wanted);
    return {
      type,
      range: [...this.range],
      autorange: false,
      showticklabels: true,
      ...(this.isLog ? ticks(this.range) : { tickmode: "auto" }),
    };
  }

  /** In a few words, what lies outside. */
  outside() {
    if (!this.spec || this.showsAll || this.isZoomed || !this.range) return [];
    const [low] = this.range;
    const below = this.marks.find(({ y0, label }) => label.text && this.at(y0) < low);
    const above = aboveWords(this.lines, this.range);
    return [
      ...(above ? [`↑ ${above}`] : []),
      ...(below ? [`↓ ${below.label.text}, ${below.y0.toFixed(1)}, lies below`] : []),
    ];
  }

  /**
   * The buttons, and what Plotly tells of the user's zoom.
   * @param {any} chart  where Plotly has drawn
   * @param {string} name  of the chart
   */
  attach(chart, name) {
    chart.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => key.startsWith("yaxis.range"))) this.isZoomed = true;
    });
    twice(chart, () => this.#show(!this.showsAll && !this.isZoomed));
    if (!this.spec?.log) return;
    this.all = button("all", `All values: ${name}`, "All values, also those of the first steps (double click)");
    this.all.addEventListener("click", () => this.#show(!this.showsAll));
    this.log = button("log", `Log axis: ${name}`, "Logarithmic axis, on all charts of losses");
    this.log.addEventListener("click", () => {
      remember(LOG, this.isLog ? "0" : "1");
      dispatchEvent(new Event(LOG));
    });
    chart.append(el("span", { class: "gc-scale" }, this.all, this.log));
    addEventListener(LOG, this.onLog);
    this.#press();
  }

  remove() {
    removeEventListener(LOG, this.onLog);
  }

  onLog = () => {
    this.isLog = recall(LOG) === "1";
    this.#show(this.showsAll);
  };

  // Ends the user's zoom.
  #show(all) {
    this.showsAll = all;
    this.isZoomed = false;
    this.range = null;
    this.#press();
    this.changed();
  }

  #press() {
    this.all?.setAttribute("aria-pressed", String(this.showsAll));
    this.log?.setAttribute("aria-pressed", String(this.isLog));
  }
}

// Calls `answer` after a double click or double tap on the drawing. Plotly times a press by when it handles it, so on a page that is
// busy drawing the second one seems too late. The browser goes by when a press was made, and counts those of a mouse, but not taps.
function twice(chart, answer) {
  let last = -Infinity; // when the last tap was made, in ms
  const press = ({ target, isSecond }) => {
    if (!isSecond || !target.closest(".draglayer")) return;
    addEventListener("pointerup", () => setTimeout(answer), { once: true }); // Plotly ends its drag first
  };
  const tap = ({ target, timeStamp, pointerType, isPrimary }) => {
    if (pointerType === "mouse" || !isPrimary) return; // a second finger pinches
    press({ target, isSecond: timeStamp - last < TWICE });
    last = timeStamp;
  };
  chart.addEventListener("mousedown", ({ target, detail }) => press({ target, isSecond: detail === 2 }), {
    capture: true,
  });
  chart.addEventListener("pointerdown", tap, { capture: true });
}

// Plotly's own ticks of a logarithmic axis leave out the powers of ten that they belong to.
function ticks([low, high]) {
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => 10 ** (Math.floor(low) + i));
  const tickvals = powers
    .flatMap((power) => [1, 2, 5].map((times) => times * power))
    .filter((each) => low <= Math.log10(each) && Math.log10(each) <= high);
  return tickvals.length > 2 ? { tickmode: "array", tickvals } : { tickmode: "auto" };
}

const button = (words, label, title) =>
  el("button", { type: "button", "aria-label": label, title, "aria-pressed": "false" }, words);
