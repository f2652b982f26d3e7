// A column of pictures with its heading, and two overlaid sheets with a divider.

import { el } from "../shared/base.js";
import { HoverCard } from "./hover.js";
import { explained, marked } from "../shared/terms.js";
import { DEEP, PixelSheet, SIDE, blockOf, layout } from "./sheet.js";
import { Divider } from "../panels/divider.js";

const LABELS = 34,
  LEAST = 260;
const KINDS = { gan: "GAN", vae: "VAE", real: "Real" };
// as they stand in the figures of a column
const MEASURES = {
  "negative ELBO": "negative ELBO",
  nats: "nats",
  "D(x)": "D(x)",
  "Fréchet distance": "Fréchet distance",
  Recall: "recall",
  Legible: "legible",
  "Sharp edges": "sharp edges",
  "Grey share": "grey share",
  specks: "specks",
};
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const title = ({ kind, title: name, epoch }) => [
  el("strong", {}, KINDS[kind]),
  el("span", { title: name }, name),
  el("em", {}, kind === "real" ? "" : `epoch ${epoch}`),
];

// A measure: its arrow, name and value, each in a column of its own. The spaces are for screen readers.
function figure([arrow, name, value], nouns) {
  const said = (words) => explained(marked(words, MEASURES), nouns);
  return el(
    "span",
    { class: "gm-figure" },
    arrow ? el("i", {}, `${arrow} `) : null,
    el("span", {}, ...said(name), " "),
    el("span", {}, ...said(value)),
  );
}

// The measures of a column at its epoch, or why they are missing.
function figures({ figures: measured, note, unmeasured, classes }) {
  const [why, command] = unmeasured.split(/(?=python -m)/),
    code = command ? el("code", {}, command) : null;
  const missing = why ? [el("span", { class: "gm-missing" }, why, code)] : [];
  return el(
    "p",
    { class: "gm-figures" },
    ...measured.map((parts) => figure(parts, classes.nouns)),
    ...missing,
    note ? el("span", { class: "gm-note" }, `${note}.`.replace(/([↑↓≈]) /g, "$1\u00a0")) : null,
  );
}

// The width of a sheet with its frame, in screen pixels; at least what its heading needs.
const wideEnough = (across, scale) => Math.max(SIDE * across * scale + 2, across < 8 ? LEAST : 0);

export class PictureColumn {
  constructor(app, info, size, all) {
    this.app = app;
    this.info = info;
    this.size = size;
    const rows = Math.max(...all.map((each) => layout(each, app.state, size.across, app.byClass()).rows));
    this.sheet = new PixelSheet(app, info, size, rows);
    const { canvas } = this.sheet;
    Object.assign(canvas, { tabIndex: 0, role: "img" });
    canvas.setAttribute("aria-label", `${info.count} pictures of ${info.title}; arrow keys describe them one by one`);
    this.box = el("div", { class: "gm-box" }, canvas);
    this.place = el("div", { class: "gm-place" }, this.#epochs(), this.box, this.#counts());
    this.hover = new HoverCard(app, { place: this.place, box: this.box, scale: size.scale, sheetAt: () => this.sheet });
    const head = el("header", {}, ...title(info));
    head.style.maxWidth = `${wideEnough(this.sheet.plan.across, size.scale) + (app.state.view === "evolution" ? LABELS : 0)}px`;
    this.root = el(
      "section",
      { class: `gm-column gc-${info.kind}`, "aria-label": info.title },
      head,
      this.place,
      figures(info),
    );
    for (const kind of ["pointermove", "pointerdown"]) canvas.addEventListener(kind, (event) => this.hover.over(event));
    canvas.addEventListener("blur", () => this.hover.leave());
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  show() {
    return this.sheet.draw();
  }

  #epochs() {
    const { epochs } = this.sheet.plan;
    return epochs?.[0]
      ? el(
          "div",
          { class: "gm-epochs", style: `grid-template-rows: repeat(${this.sheet.rows}, 1fr)` },
          ...epochs.map((epoch) => el("span", {}, epoch)),
        )
      : null;
  }

  #counts() {
    const { classes, orders } = this.info,
      { shown } = this.app.facts;
    const limit = DEEP * blockOf(shown.length);
    if (this.app.state.view !== "grid" || !this.app.byClass()) return null;
    const times = (label, { length }) =>
      `The judge classifies ${length} pictures as ${classes.nouns.class} ${classes.name(label)}`;
    // "×4" is no digit; "10 of 13": not all fit
    const count = ({ length }) => (length > limit ? `${limit} of ${length}` : `×${length}`);
    const plain = classes.areTen && shown.length === 10; // the ten digits need no names
    const cells = orders.digit.map((each, i) =>
      el("span", { title: times(shown[i], each) }, plain ? null : el("b", {}, classes.name(shown[i])), count(each)),
    );
    const counts = el("div", { class: blockOf(shown.length) > 1 ? "gm-counts gm-blocks" : "gm-counts" }, ...cells);
    counts.style.gridTemplateColumns = `repeat(${shown.length}, minmax(0, 1fr))`;
    return counts;
  }

  #key(event) {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const { across } = this.sheet.plan,
      [x, y] = this.hover.at ?? [-step[0], -step[1]];
    this.hover.show(
      Math.min(across - 1, Math.max(0, x + step[0])),
      Math.min(this.sheet.rows - 1, Math.max(0, y + step[1])),
      this.sheet,
    );
  }
}

// The divider moves only when dragged, not when the pointer just passes over it.
export class Swipe {
  /** @type {Divider} */
  divider;

  constructor(app, infos, size) {
    this.app = app;
    const rows = Math.max(...infos.map((each) => layout(each, app.state, size.across, app.byClass()).rows));
    this.sheets = infos.map((info) => new PixelSheet(app, info, size, rows));
    const [first, second] = this.sheets.map(({ canvas }) => canvas);
    this.stage = el(
      "div",
      { class: "gm-swipe" },
      el("div", { class: "gm-box" }, first, el("div", { class: "gm-over" }, second)),
      el("div", { class: "gm-divider" }),
    );
    this.place = el("div", { class: "gm-place" }, this.stage);
    const scale = { scale: size.scale, box: this.stage.firstChild, place: this.place };
    this.divider = new Divider(
      this.stage,
      (at) => this.#cut(at),
      app.state.at,
      () => first.getBoundingClientRect(),
    );
    this.hover = new HoverCard(app, {
      ...scale,
      sheetAt: (x) => this.sheets[Number(x > (first.clientWidth * this.divider.at) / 100)],
    });
    this.stage.addEventListener("pointermove", (event) =>
      event.buttons ? this.hover.leave() : this.hover.over(event),
    );
    const sides = (make) =>
      el(
        "div",
        { class: "gm-sides" },
        ...infos.map((info) => el("div", { class: `gm-column gc-${info.kind}` }, make(info))),
      );
    this.root = el(
      "section",
      { class: "gm-both" },
      sides((info) => el("header", {}, ...title(info))),
      this.place,
      sides(figures),
    );
    this.root.style.width = `${wideEnough(size.across, size.scale)}px`;
  }

  show() {
    return Promise.all(this.sheets.map((sheet) => sheet.draw()));
  }

  #cut(at) {
    this.stage.style.setProperty("--at", String(at / 100));
    if (at !== this.app.state.at) this.app.change({ at });
  }
}
