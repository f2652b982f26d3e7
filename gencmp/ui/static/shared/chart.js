// A live Plotly chart: drawn once and then extended, so that it keeps its zoom and does not flicker.
// Its specification comes from ui/charts.py; the `meta` of a trace names the column it shows.

import { el, loadPlotly, themeOf, tone, withAlpha, wordTone } from "./base.js";
import { Classes } from "./classes.js";
import { presenting, typeSize } from "./presenter.js";
import { meaning } from "./terms.js";
import { addTools } from "./tools.js";

const SETTINGS = {
  displaylogo: false,
  responsive: true,
  displayModeBar: true, // hidden by base.css until it is asked for
  showSendToCloud: false, // nothing leaves this computer
  plotlyServerURL: "",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};
const WORDS_EVERY = 1000; // ms between updates of the values that a screen reader finds

// An exponential moving average with bias correction: each value is divided by the total weight so far.
export class Smoother {
  /** @param {number} weight  of what was, 0 to 1 */
  constructor(weight) {
    this.weight = weight;
    this.sum = 0;
    this.seen = 0;
  }

  next(y) {
    if (y === null || !Number.isFinite(y)) return null;
    this.sum = this.weight * this.sum + (1 - this.weight) * y;
    this.seen = this.weight * this.seen + (1 - this.weight);
    return this.sum / this.seen;
  }
}

export class Chart {
  /**
   * @param {HTMLElement} element
   * @param {any} spec
   * @param {string} base  address of the scripts
   * @param {number} smoothing  0 to 1
   */
  constructor(element, spec, base, smoothing) {
    this.element = element;
    this.spec = spec;
    this.base = base;
    this.smoothing = smoothing;
    this.rows = { steps: { x: [] }, test: { x: [] } }; // all data received, by source and column
    this.drawn = false;
    this.last = []; // the latest value shown of each trace
    /** @type {{ place: number, words: string }[]} where settings were changed, in epochs */
    this.changes = [];
    /** @type {((look: any) => any[]) | undefined} see haunt */
    this.ghosts = undefined;
    this.values = el("p", { class: "gc-unseen" });
    this.terms = el(
      "button",
      { type: "button", class: "gc-lines", "data-below": "", "aria-label": "What the lines mean" },
      "?",
    );
    this.explain(new Classes().nouns);
    this.name = spec.layout.meta?.name ?? spec.layout.yaxis.title.text;
  }

  async draw() {
    this.plotly = await loadPlotly(this.base);
    this.#restart();
    await this.plotly.newPlot(this.element, this.#traces(), this.#layout(), SETTINGS);
    this.drawn = true;
    this.#describe();
    if (this.spec.layout.meta?.terms?.length) this.element.append(this.terms);
    addTools(this.element, this.name);
    addEventListener("gencmp-type", this.onType);
  }

  /**
   * What the lines mean, for the button in the corner: Plotly's own words cannot hold terms.
   * @param {Record<string, any>} nouns  of the data
   */
  explain(nouns) {
    const { terms = [] } = this.spec.layout.meta ?? {};
    this.terms.dataset.tip = terms
      .map((term) => `${term[0].toUpperCase()}${term.slice(1)}: ${meaning(term, nouns)}`)
      .join("\n");
  }

  onType = () => this.retheme(); // the type size has changed

  // For those who cannot see it: a name, and the present values in place of the drawing's single words.
  #describe() {
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", `Chart: ${this.name}`);
    for (const drawing of this.element.querySelectorAll(".main-svg")) drawing.setAttribute("aria-hidden", "true");
    this.element.append(this.values);
    this.#tell();
  }

  #tell() {
    this.telling = undefined;
    const named = this.spec.data.flatMap((trace, i) =>
      trace.name && Number.isFinite(this.last[i]) ? [`${trace.name} ${this.last[i].toFixed(2)}`] : [],
    );
    const at = this.rows.steps.x.at(-1);
    this.values.textContent = named.length
      ? `${this.spec.layout.yaxis.title.text} at epoch ${(at ?? 0).toFixed(1)}: ${named.join(", ")}.`
      : "No values yet.";
  }

  // source "steps" or "test"; x in epochs; columns: {name: [values]}
  feed(source, x, columns) {
    const rows = this.rows[source];
    rows.x.push(...x);
    for (const [name, values] of Object.entries(columns)) (rows[name] ??= []).push(...values);
    if (!this.drawn || !x.length) return;
    const grown = this.spec.data.flatMap((trace, i) =>
      trace.meta.of === source && columns[trace.meta.column] ? [i] : [],
    );
    const ys = grown.map((i) => this.#shown(i, columns[this.spec.data[i].meta.column]));
    this.plotly.extendTraces(this.element, { x: grown.map(() => x), y: ys }, grown);
    this.telling ??= setTimeout(() => this.#tell(), WORDS_EVERY);
  }

  clear() {
    this.rows = { steps: { x: [] }, test: { x: [] } };
    if (this.drawn) this.#redraw();
  }

  smooth(weight) {
    this.smoothing = weight;
    if (this.drawn) this.#redraw();
  }

  retheme() {
    if (this.drawn) this.plotly.react(this.element, this.#traces(), this.#layout());
  }

  /**
   * Marks where settings were changed while the model trained; each says on hover what changed.
   * @param {{ place: number, words: string }[]} changes  all so far, places in epochs
   */
  mark(changes) {
    if (changes.length === this.changes.length && changes.at(-1)?.words === this.changes.at(-1)?.words) return;
    this.changes = changes;
    if (this.drawn) this.plotly.relayout(this.element, { shapes: this.#shapes(), annotations: this.#annotations() });
  }

  /**
   * Shows faint curves of other runs behind its own (train/ghosts.js).
   * @param {(look: { spec: any, smoothing: number, dark: boolean, wide: (px: number) => number }) => any[]} make  their traces
   */
  haunt(make) {
    this.ghosts = make;
    if (this.drawn) this.#redraw();
  }

  // A vertical line at x (in epochs); null removes it.
  cursor(x) {
    this.at = x;
    if (this.drawn) this.plotly.relayout(this.element, { shapes: this.#shapes() });
  }

  remove() {
    clearTimeout(this.telling);
    removeEventListener("gencmp-type", this.onType);
    if (this.drawn) this.plotly.purge(this.element);
  }

  #restart() {
    this.last = [];
    this.smoothers = this.spec.data.map((trace) => (trace.meta.smooth ? new Smoother(this.smoothing) : null));
  }

  #shown(i, values) {
    const smoother = this.smoothers[i];
    const shown = smoother ? values.map((y) => smoother.next(y)) : values;
    this.last[i] = shown.findLast(Number.isFinite) ?? this.last[i];
    return shown;
  }

  #redraw() {
    this.plotly.react(this.element, this.#traces(), this.#layout());
  }

  #traces() {
    this.#restart();
    const { dark } = themeOf(this.element);
    const own = this.spec.data.map((trace, i) => {
      const rows = this.rows[trace.meta.of];
      const colour = tone(trace.meta.tone, dark);
      return {
        ...trace,
        x: [...rows.x],
        y: this.#shown(i, [...(rows[trace.meta.column] ?? [])]),
        line: { ...trace.line, width: trace.meta.smooth === false ? 1 : wide(trace.line.width), color: colour },
        marker: { ...trace.marker, color: colour },
      };
    });
    // after its own, whose places in the list `feed` extends
    return [...own, ...(this.ghosts?.({ spec: this.spec, smoothing: this.smoothing, dark, wide }) ?? [])];
  }

  #shapes() {
    const { dark, text } = themeOf(this.element);
    const changes = this.changes.map(({ place }) => upright(place, text, "dash"));
    const lines = this.spec.layout.shapes.map(({ tone: name, ...shape }) => {
      return {
        ...shape,
        line: { ...shape.line, width: wide(shape.line.width), color: tone(name, dark) },
        label: { ...shape.label, font: { size: typeSize(shape.label.font.size), color: wordTone(name, dark) } },
      };
    });
    const cursor = this.at === null || this.at === undefined ? [] : [upright(this.at, text)];
    return [...lines, ...changes, ...cursor];
  }

  #annotations() {
    const { text, dark } = themeOf(this.element);
    const named = (this.spec.layout.annotations ?? []).map(({ tone: name, ...note }) => ({
      ...note,
      font: { size: typeSize(note.font.size), color: wordTone(name, dark) },
    }));
    const marks = this.changes.map(({ place, words }) => ({
      ...{ x: place, xref: "x", y: 1, yref: "paper", yanchor: "top", showarrow: false, hovertext: harmless(words) },
      ...{ text: "▼", font: { size: typeSize(12), color: text } },
    }));
    return [...named, ...marks];
  }

  #layout() {
    const { text, border, background, font } = themeOf(this.element);
    const small = { size: typeSize(12) };
    const axis = { gridcolor: withAlphaSafe(border, 0.7), linecolor: border, color: text, tickfont: small };
    const { xaxis, yaxis, margin, ...rest } = this.spec.layout;
    const box = this.element.getBoundingClientRect();
    return {
      ...rest,
      autosize: true,
      height: box.height || 230,
      shapes: this.#shapes(),
      annotations: this.#annotations(),
      margin: presenting() ? scaled(margin, LARGE) : margin,
      font: { family: font, size: typeSize(13), color: text },
      legend: { ...rest.legend, font: small },
      hoverlabel: { bgcolor: background, bordercolor: border, font: { family: font, ...small, color: text } },
      xaxis: { ...axis, ...xaxis },
      yaxis: { ...axis, ...yaxis },
    };
  }
}

// A vertical line through the whole chart.
const upright = (x, color, dash = "solid") => ({
  ...{ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1 },
  line: { width: wide(1.5), color, dash },
});
/** A user's words for Plotly, which reads some HTML. @param {string} words */
export const harmless = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const LARGE = 1.5; // margins in the presenter's view, as its words are that much larger
const scaled = (margin, by) => Object.fromEntries(Object.entries(margin).map(([side, px]) => [side, by * px]));
const wide = (px) => (presenting() ? Math.max(2, px) : px);
const withAlphaSafe = (colour, alpha) => (/^#......$/.test(colour) ? withAlpha(colour, alpha) : colour);
