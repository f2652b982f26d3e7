// A live Plotly chart: drawn once and then extended, so that it keeps its zoom and does not flicker.
// Its specification comes from ui/charts.py; the `meta` of a trace names the column it shows.

import { Scale } from "../charts/scale.js";
import { curveLines, sumLines, sumParts } from "../charts/sum.js";
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
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "resetScale2d"],
  doubleClick: false, // scale.js listens for it
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
   * @param {any} element  where Plotly draws
   * @param {any} spec
   * @param {string} base  address of the scripts
   * @param {number} smoothing  0 to 1
   */
  constructor(element, spec, base, smoothing) {
    this.element = element;
    this.spec = spec;
    this.base = base;
    this.smoothing = smoothing;
    /** @type {Record<string, any>} all data received, by source and column */
    this.rows = { steps: { x: [] }, test: { x: [] } };
    this.drawn = false;
    /** @type {string[]} lines of a legend that is a sum */
    this.legend = [];
    /** @type {import("../charts/range.js").Line[]} what each trace shows */
    this.lines = [];
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
    this.scale = new Scale(spec.layout, () => this.#unzoom());
  }

  async draw() {
    this.plotly = await loadPlotly(this.base);
    this.#restart();
    await this.plotly.newPlot(this.element, this.#traces(), this.#layout(), SETTINGS);
    this.drawn = true;
    this.#describe();
    if (this.spec.layout.meta?.terms?.length) this.element.append(this.terms);
    addTools(this.element, this.name);
    this.scale.attach(this.element, this.name);
    addEventListener("gencmp-type", this.onType);
    addEventListener("resize", this.onResize);
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
  onResize = () => this.#legend().length !== this.legend?.length && this.retheme(); // more or fewer lines

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
    const at = Math.max(0, ...Object.values(this.rows).map(({ x }) => x.at(-1) ?? 0));
    const { xaxis, yaxis } = this.spec.layout;
    this.values.textContent = named.length
      ? `${yaxis.title.text} at ${xaxis.title.text.toLowerCase()} ${at.toFixed(1)}: ${named.join(", ")}.`
      : "No values yet.";
  }

  // source "steps" or "test"; x in epochs; columns: {name: [values]}
  feed(source, x, columns) {
    const rows = this.rows[source];
    rows.x.push(...x);
    for (const [name, values] of Object.entries(columns)) (rows[name] ??= []).push(...values);
    if (!this.drawn || !x.length) return;
    const grown = this.spec.data.flatMap((trace, i) =>
      trace.meta.of === source && columnOf(trace, columns) ? [i] : [],
    );
    const ys = grown.map((i) => this.#shown(i, columnOf(this.spec.data[i], columns)));
    grown.forEach((i, k) => grow(this.lines[i], x, ys[k]));
    this.#fit();
    this.plotly.extendTraces(this.element, { x: grown.map(() => x), y: ys }, grown);
    this.telling ??= setTimeout(() => this.#tell(), WORDS_EVERY);
  }

  clear() {
    this.rows = { steps: { x: [] }, test: { x: [] } };
    if (this.drawn) this.#redraw();
  }

  /**
   * All rows anew, for curves whose places change while they grow.
   * @param {Record<string, { x: number[], [column: string]: number[] }>} rows  by source
   */
  show(rows) {
    this.rows = rows;
    if (!this.drawn) return;
    this.#redraw();
    this.telling ??= setTimeout(() => this.#tell(), WORDS_EVERY);
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
    removeEventListener("resize", this.onResize);
    this.scale.remove();
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

  // Ends the user's zoom: all epochs again, and the axis that Scale has chosen.
  #unzoom() {
    if (!this.drawn) return;
    const { range } = this.spec.layout.xaxis;
    this.plotly.relayout(this.element, range ? { "xaxis.range": [...range] } : { "xaxis.autorange": true });
    this.#redraw();
  }

  // The axis and the words for values that have come; takes effect with the next drawing of the traces, which costs nothing more.
  #fit() {
    const { layout } = this.element;
    Object.assign(layout.yaxis, this.#axis());
    layout.annotations = this.#annotations();
  }

  #axis() {
    return this.scale.axis(this.lines, this.element.layout?.yaxis);
  }

  #traces() {
    this.#restart();
    const { dark, text } = themeOf(this.element);
    this.lines = this.spec.data.map((trace, i) => {
      const rows = this.rows[trace.meta.of] ?? { x: [] };
      const y = this.#shown(i, [...(columnOf(trace, rows) ?? [])]);
      return { x: [...rows.x], y, isFaint: trace.meta.smooth === false };
    });
    const own = this.spec.data.map((trace, i) => {
      const colour = tone(trace.meta.tone, dark) ?? text;
      const fill = trace.meta.fill ? { fillcolor: withAlpha(tone(trace.meta.fill, dark), 0.4) } : {};
      return {
        ...trace,
        ...fill,
        x: [...this.lines[i].x],
        y: [...this.lines[i].y],
        line: { ...trace.line, width: trace.meta.smooth === false ? 1 : wide(trace.line.width), color: colour },
        marker: { ...trace.marker, color: colour },
      };
    });
    // after its own, whose places in the list `feed` extends
    const ghosts = this.ghosts?.({ spec: this.spec, smoothing: this.smoothing, dark, text, wide }) ?? [];
    this.ghostly = [...new Set(ghosts.map(({ name }) => name))];
    return [...own, ...ghosts];
  }

  // The lines of the legend where it has values; else none, and Plotly's own legend is shown.
  #legend() {
    const { sum, curves } = this.spec.layout.meta ?? {};
    if (!sum && !curves) return [];
    const { dark, text } = themeOf(this.element);
    const values = Object.fromEntries(this.spec.data.map((trace, i) => [trace.name, this.last[i]]));
    const tones = Object.entries(curves ?? sum.tones);
    const colours = Object.fromEntries(tones.map(([name, each]) => [name, wordTone(each, dark) ?? text]));
    const width = this.element.clientWidth - EDGE;
    const lines = curves
      ? curveLines(Object.keys(curves), values, colours, width, typeSize(12))
      : sumLines(sumParts(sum, values), colours, width, typeSize(12));
    return this.ghostly?.length ? [...lines, `faint: ${this.ghostly.map(harmless).join(", ")}`] : lines;
  }

  // What stands above the curves, and what lies outside the axis.
  #words() {
    const { text, background } = themeOf(this.element);
    const plain = { xref: "paper", yref: "paper", y: 1, showarrow: false };
    const legend = { x: 0, xanchor: "left", xshift: LEFT, yanchor: "bottom", yshift: 4, align: "left" };
    const outside = {
      x: 1,
      xanchor: "right",
      yanchor: "top",
      align: "right",
      bgcolor: withAlphaSafe(background, 0.75),
    };
    this.legend = this.#legend();
    const isNarrow = this.element.getBoundingClientRect().width < typeSize(11) * 24;
    const beyond = this.scale.outside().map((each) => (isNarrow ? each.replace(/,? lies? (above|below)$/, "") : each));
    return [
      { ...plain, ...legend, text: this.legend.join("<br>"), font: { size: typeSize(12), color: text } },
      { ...plain, ...outside, text: beyond.join("<br>"), font: { size: typeSize(11), color: text } },
    ].filter((each) => each.text);
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
      y: this.scale.at(note.y),
      font: { size: typeSize(note.font.size), color: wordTone(name, dark) },
    }));
    const marks = this.changes.map(({ place, words }) => ({
      ...{ x: place, xref: "x", y: 0, yref: "paper", yanchor: "bottom", showarrow: false, hovertext: harmless(words) },
      ...{ text: "▲", font: { size: typeSize(12), color: text } },
    }));
    return [...named.filter(({ y }) => Number.isFinite(y)), ...this.#words(), ...marks];
  }

  #layout() {
    const { text, border, background, font } = themeOf(this.element);
    const small = { size: typeSize(12) };
    const axis = { gridcolor: withAlphaSafe(border, 0.7), linecolor: border, color: text, tickfont: small };
    const { xaxis, yaxis, margin, ...rest } = this.spec.layout;
    const box = this.element.getBoundingClientRect();
    const scaleY = this.#axis();
    const annotations = this.#annotations(); // they say what lies outside the axis
    const top = this.legend.length ? { t: 16 + this.legend.length * LINE } : {};
    return {
      ...rest,
      autosize: true,
      height: box.height || 230,
      shapes: this.#shapes(),
      annotations,
      margin: presenting() ? scaled({ ...margin, ...top }, LARGE) : { ...margin, ...top },
      font: { family: font, size: typeSize(13), color: text },
      legend: { ...rest.legend, font: small },
      hoverlabel: { bgcolor: background, bordercolor: border, font: { family: font, ...small, color: text } },
      xaxis: { ...axis, ...xaxis },
      yaxis: { ...axis, ...yaxis, ...scaleY },
    };
  }
}

/**
 * The values of a trace; where it names several columns, their sum.
 * @param {any} trace
 * @param {Record<string, any[]>} rows  by column
 * @returns {any[] | undefined}
 */
export function columnOf({ meta }, rows) {
  const columns = [meta.column].flat().map((name) => rows[name]);
  if (!columns.every(Boolean)) return undefined;
  const [first, ...more] = columns;
  return first.map((y, i) => (y === null ? null : more.reduce((sum, column) => sum + column[i], y)));
}

function grow(line, x, y) {
  line.x.push(...x);
  line.y.push(...y);
}

const LINE = 16; // px of a line of the legend
const LEFT = -46; // px by which it begins left of the axis
const EDGE = 12; // px beside it
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
