// Columns of pictures, pixel-exact; what is known of the one under the pointer; and two sheets with a knife between.

import { el, fetchJson, loadPicture } from "./base.js";

const SIDE = 28, DEEP = 10, ACROSS = 8, LABELS = 34;
const KINDS = { gan: "GAN", vae: "VAE", real: "Real" };
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Where each picture of a column lies: {across, rows, cells: [{column, row, epoch, index}]}
export function layout(info, { view, order }, across) {
  if (view === "evolution") return evolutionOf(info);
  const places = info.orders[order], cells = [];
  if (view === "grid" && order === "digit" && places.length === 10) {
    places.forEach((row, digit) => row.slice(0, DEEP).forEach((index, i) => cells.push({ column: digit, row: i, epoch: info.epoch, index })));
    return { across: 10, rows: Math.min(DEEP, Math.max(...places.map((row) => row.length))), cells };
  }
  const flat = places.flat();
  flat.forEach((index, i) => cells.push({ column: i % across, row: Math.floor(i / across), epoch: info.epoch, index }));
  return { across, rows: Math.ceil(flat.length / across), cells };
}

function evolutionOf(info) {
  const epochs = info.evolution.length ? info.evolution : [...new Array(info.count / ACROSS).keys()].map(() => null);
  const cells = epochs.flatMap((epoch, row) => [...new Array(ACROSS).keys()].map((i) => ({ column: i, row, epoch: epoch ?? 0, index: epoch === null ? row * ACROSS + i : i })));
  return { across: ACROSS, rows: epochs.length, cells, epochs };
}

const pictureOf = (api, { name, kind }, epoch) => loadPicture(kind === "real" ? `${api}/real.png` : `${api}/pictures/${encodeURIComponent(name)}/${epoch}/samples.png`);

function drawCell(context, picture, index, x, y) {
  const across = Math.round(picture.width / SIDE);
  context.drawImage(picture, (index % across) * SIDE, Math.floor(index / across) * SIDE, SIDE, SIDE, x, y, SIDE, SIDE);
}

class PixelSheet {
  constructor(app, info, { across, scale }, rows) {
    Object.assign(this, { app, info, plan: layout(info, app.state, across), scale });
    this.rows = Math.max(rows, this.plan.rows);
    this.canvas = el("canvas", { class: "gm-sheet", width: this.plan.across * SIDE, height: this.rows * SIDE });
    this.canvas.style.width = `${this.canvas.width * scale}px`;
    this.canvas.style.height = `${this.canvas.height * scale}px`;
  }

  async draw() {
    const epochs = [...new Set(this.plan.cells.map((cell) => cell.epoch))];
    const pictures = await Promise.all(epochs.map((epoch) => pictureOf(this.app.data.api, this.info, epoch).catch(() => null)));
    const context = this.canvas.getContext("2d"), of = new Map(epochs.map((epoch, i) => [epoch, pictures[i]]));
    for (const { column, row, epoch, index } of this.plan.cells) if (of.get(epoch)) drawCell(context, of.get(epoch), index, column * SIDE, row * SIDE);
    this.pictures = of;
    this.canvas.dataset.shown = `${this.info.name}@${this.info.epoch}`;
  }

  cell(column, row) { return this.plan.cells.find((each) => each.column === column && each.row === row); }
}

const title = ({ kind, title: name, epoch }) => [el("strong", {}, KINDS[kind]), el("span", { title: name }, name), el("em", {}, kind === "real" ? "" : `epoch ${epoch}`)];

export class PictureColumn {
  constructor(app, info, size, all) {
    Object.assign(this, { app, info, size });
    const rows = Math.max(...all.map((each) => layout(each, app.state, size.across).rows));
    this.sheet = new PixelSheet(app, info, size, rows);
    const { canvas } = this.sheet;
    Object.assign(canvas, { tabIndex: 0, role: "img" });
    canvas.setAttribute("aria-label", `${info.count} pictures of ${info.title}; arrow keys name them one by one`);
    this.here = el("div", { class: "gm-here", hidden: true });
    this.box = el("div", { class: "gm-box" }, canvas, this.here);
    this.place = el("div", { class: "gm-place" }, this.#epochs(), this.box, this.#counts());
    const head = el("header", {}, ...title(info));
    head.style.maxWidth = `${canvas.width * size.scale + 2 + (app.state.view === "evolution" ? LABELS : 0)}px`;
    this.root = el("section", { class: `gm-column gc-${info.kind}`, "aria-label": info.title }, head, this.place);
    canvas.addEventListener("pointermove", (event) => this.#over(event));
    canvas.addEventListener("pointerdown", (event) => this.#over(event));
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("blur", () => this.leave());
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  show() { return this.sheet.draw(); }

  #epochs() {
    const { epochs } = this.sheet.plan;
    return epochs?.[0] ? el("div", { class: "gm-epochs", style: `grid-template-rows: repeat(${this.sheet.rows}, 1fr)` }, ...epochs.map((epoch) => el("span", {}, epoch))) : null;
  }

  #counts() {
    const { view, order } = this.app.state, places = this.info.orders.digit;
    if (view !== "grid" || order !== "digit" || places.length !== 10) return null;
    return el("div", { class: "gm-counts" }, ...places.map((each, digit) => el("span", { title: `The judge sees the digit ${digit} ${each.length} times` }, each.length)));
  }

  #over(event) {
    const box = this.sheet.canvas.getBoundingClientRect(), side = SIDE * this.size.scale;
    this.#tell(Math.floor((event.clientX - box.left) / side), Math.floor((event.clientY - box.top) / side));
  }

  #key(event) {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const { across } = this.sheet.plan, [x, y] = this.at ?? [-step[0], -step[1]];
    this.#tell(Math.min(across - 1, Math.max(0, x + step[0])), Math.min(this.sheet.rows - 1, Math.max(0, y + step[1])));
  }

  leave() {
    this.card?.remove();
    this.here.hidden = true;
    this.card = this.at = this.cellShown = null;
  }

  async #tell(column, row) {
    const cell = this.sheet.cell(column, row);
    if (!cell || !this.sheet.pictures) return this.leave();
    if (cell === this.cellShown) return;
    this.leave();
    Object.assign(this, { at: [column, row], cellShown: cell });
    this.#mark(column, row);
    this.card = this.#card(cell, column, row);
    this.place.append(this.card);
    if (cell.epoch !== this.info.epoch) return;
    const near = await nearestOf(this.app, this.info).catch(() => null);
    if (cell === this.cellShown && near) this.#near(cell, near);
  }

  #mark(column, row) {
    const side = SIDE * this.size.scale;
    this.here.hidden = false;
    Object.assign(this.here.style, { width: `${side}px`, height: `${side}px`, transform: `translate(${column * side}px, ${row * side}px)` });
  }

  #card(cell, column, row) {
    const face = el("canvas", { width: SIDE, height: SIDE }), side = SIDE * this.size.scale;
    drawCell(face.getContext("2d"), this.sheet.pictures.get(cell.epoch), cell.index, 0, 0);
    this.other = el("canvas", { width: SIDE, height: SIDE });
    const now = cell.epoch === this.info.epoch;
    this.otherSaid = el("figcaption", {}, now ? "looking for the nearest …" : "");
    this.words = el("p", {}, now ? said(this.info, cell.index) : `After epoch ${cell.epoch}, picture ${cell.index + 1}`);
    const name = this.info.kind === "real" ? `test digit ${cell.index + 1}` : `picture ${cell.index + 1}`;
    const second = now ? el("figure", {}, this.other, this.otherSaid) : null;
    const card = el("div", { class: "gm-near", role: "status" }, el("div", { class: "gm-pair" }, el("figure", {}, face, el("figcaption", {}, name)), second), this.words);
    const right = (column + 1) * side + 8, flip = column * side > this.sheet.canvas.clientWidth / 2;
    Object.assign(card.style, { left: `${flip ? column * side - 260 : right}px`, top: `${Math.max(0, Math.min(row * side, this.sheet.canvas.clientHeight - 190))}px` });
    return card;
  }

  #near(cell, { sheet, labels, distances }) {
    drawCell(this.other.getContext("2d"), sheet, cell.index, 0, 0);
    const label = labels[cell.index] > 9 ? "nearest in training" : `nearest in training, a ${labels[cell.index]}`;
    this.otherSaid.textContent = `${label}; ${distances[cell.index].toFixed(1)} away`;
    this.otherSaid.title = "Euclidean distance over 784 pixels, each 0 to 1";
  }
}

const percent = (x) => (x > 0.9995 ? "over 99.9 %" : `${(100 * x).toFixed(x > 0.99 ? 1 : 0)} %`);

function said({ digits, confidence, d }, index) {
  const words = [];
  if (digits) words.push(`The judge sees a ${digits[index]}, ${percent(confidence[index])} sure.`);
  if (d) words.push(`D gives it a chance of ${d[index].toFixed(2)} to be real.`);
  return words.join(" ");
}

const found = new Map();
function nearestOf({ data }, { name, kind, epoch }) {
  const column = kind === "real" ? name : `${name}@${epoch}`;
  if (!found.has(column)) {
    const asked = fetchJson(`${data.api}/compare/nearest?column=${encodeURIComponent(column)}`).then(async (told) => ({ ...told, sheet: await loadPicture(told.sheet) }));
    asked.catch(() => found.delete(column));
    found.set(column, asked);
    if (found.size > 40) found.delete(found.keys().next().value);
  }
  return found.get(column);
}

// Two sheets over each other; the knife follows a finger, the pointer or the arrow keys.
export class Swipe {
  constructor(app, infos, size) {
    this.sheets = infos.map((info) => new PixelSheet(app, info, size, 0));
    this.over = el("div", { class: "gm-over" }, this.sheets[1].canvas);
    this.knife = el("div", { class: "gm-knife" });
    this.stage = el("div", { class: "gm-swipe", tabIndex: 0, role: "slider", "aria-label": "Knife between the two", "aria-valuemin": "0", "aria-valuemax": "100" }, el("div", { class: "gm-box" }, this.sheets[0].canvas, this.over, this.knife));
    const sides = infos.map((info) => el("span", { class: `gc-${info.kind}` }, el("strong", {}, KINDS[info.kind]), ` ${info.title}${info.kind === "real" ? "" : `, epoch ${info.epoch}`}`));
    const head = el("div", { class: "gm-sides" }, ...sides);
    head.style.width = this.sheets[0].canvas.style.width;
    head.style.margin = "0 auto 5px";
    this.root = el("section", { class: "gm-column" }, head, this.stage);
    this.stage.addEventListener("pointermove", (event) => this.#drag(event));
    this.stage.addEventListener("pointerdown", (event) => { this.stage.setPointerCapture(event.pointerId); this.#drag(event); });
    this.stage.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (step) this.#cut(this.at + step);
    });
    this.#cut(0.5);
  }

  show() { return Promise.all(this.sheets.map((sheet) => sheet.draw())); }

  #drag(event) {
    const box = this.stage.getBoundingClientRect();
    this.#cut((event.clientX - box.left) / box.width);
  }

  #cut(at) {
    this.at = Math.min(1, Math.max(0, at));
    this.stage.style.setProperty("--at", `${100 * this.at}%`);
    this.stage.setAttribute("aria-valuenow", String(Math.round(100 * this.at)));
  }
}
