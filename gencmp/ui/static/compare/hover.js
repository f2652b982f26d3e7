// A card about the picture under the pointer: the picture, its nearest training picture, and what the judge and D say.

import { el, fetchJson, loadPicture } from "../shared/base.js";
import { UNLABELLED } from "../shared/classes.js";
import { SIDE, drawCell } from "./sheet.js";

const WIDE = 260,
  HIGH = 190; // height of the card with its margin

export class HoverCard {
  // place: container of the card, with the same origin as box. sheetAt(x): the visible sheet at x pixels from the left.
  constructor(app, { place, box, scale, sheetAt }) {
    this.app = app;
    this.place = place;
    this.box = box;
    this.side = SIDE * scale;
    this.sheetAt = sheetAt;
    this.here = el("div", { class: "gm-here", hidden: true });
    box.append(this.here);
    box.addEventListener("pointerleave", () => this.leave());
  }

  over(event) {
    const { left, top } = this.box.getBoundingClientRect(),
      x = event.clientX - left - this.box.clientLeft,
      y = event.clientY - top - this.box.clientTop;
    this.show(Math.floor(x / this.side), Math.floor(y / this.side), this.sheetAt(x));
  }

  leave() {
    this.card?.remove();
    this.here.hidden = true;
    this.card = this.at = this.shown = null;
  }

  async show(column, row, sheet) {
    const cell = sheet.cell(column, row);
    if (!cell || !sheet.pictures?.get(cell.epoch)) return this.leave();
    if (cell === this.shown) return;
    this.leave();
    this.at = [column, row];
    this.shown = cell;
    this.#mark(column, row, sheet.info.kind);
    this.card = this.#card(sheet, cell, column, row);
    this.place.append(this.card);
    const near = await nearestOf(this.app, sheet.info, cell.epoch).catch((error) => error);
    if (cell !== this.shown) return;
    if (near instanceof Error) this.otherWords.textContent = near.message;
    else this.#near(sheet, cell, near);
  }

  #mark(column, row, kind) {
    const { side, here } = this;
    here.hidden = false;
    here.className = `gm-here gc-${kind}`;
    Object.assign(here.style, {
      width: `${side}px`,
      height: `${side}px`,
      transform: `translate(${column * side}px, ${row * side}px)`,
    });
  }

  #card(sheet, cell, column, row) {
    const { info, canvas } = sheet,
      { side } = this,
      face = el("canvas", { width: SIDE, height: SIDE });
    drawCell(face.getContext("2d"), sheet.pictures.get(cell.epoch), cell.index, 0, 0);
    this.other = el("canvas", { width: SIDE, height: SIDE });
    this.otherWords = el("figcaption", {}, "finding the nearest …");
    this.words = el("p", {}, caption(info, cell));
    const name =
      info.kind === "real" ? `test ${info.classes.nouns.picture} ${cell.index + 1}` : `picture ${cell.index + 1}`;
    const pair = el(
      "div",
      { class: "gm-pair" },
      el("figure", {}, face, el("figcaption", {}, name)),
      el("figure", {}, this.other, this.otherWords),
    );
    const card = el("div", { class: "gm-near", role: "status" }, pair, this.words);
    const left = column * side > canvas.clientWidth / 2 ? column * side - WIDE : (column + 1) * side + 8;
    Object.assign(card.style, {
      left: `${left}px`,
      top: `${Math.max(0, Math.min(row * side, canvas.clientHeight - HIGH))}px`,
    });
    return card;
  }

  #near({ info }, cell, near) {
    const { sheet, labels, distances } = near,
      label = labels[cell.index];
    drawCell(this.other.getContext("2d"), sheet, cell.index, 0, 0);
    this.otherWords.textContent = `${label === UNLABELLED ? "nearest in training" : `nearest in training, ${info.classes.one(label)}`}; distance ${distances[cell.index].toFixed(1)}`;
    this.otherWords.title = "Euclidean distance over 784 pixels, each 0 to 1";
    if (cell.epoch !== info.epoch)
      this.words.textContent = `After epoch ${cell.epoch}. ${seen(info.classes, near, cell.index)}`;
  }
}

const percent = (x) => (x > 0.9995 ? "over 99.9 %" : `${(100 * x).toFixed(x > 0.99 ? 1 : 0)} %`);
const seen = (classes, { digits, confidence }, index) =>
  digits ? `Judge: ${classes.one(digits[index])}, ${percent(confidence[index])} confident.` : "";

function caption(info, { epoch, index }) {
  if (epoch !== info.epoch) return `After epoch ${epoch}.`;
  return `${seen(info.classes, info, index)}${info.d ? ` D(x) = ${info.d[index].toFixed(2)}.` : ""}`.trim();
}

const found = new Map();
function nearestOf({ data }, { name, kind, of }, epoch) {
  const column =
    kind === "real"
      ? encodeURIComponent(name) + (of ? `&of=${encodeURIComponent(of)}` : "")
      : encodeURIComponent(`${name}@${epoch}`);
  if (!found.has(column)) {
    const asked = fetchJson(`${data.api}/compare/nearest?column=${column}`).then(async (answer) => ({
      ...answer,
      sheet: await loadPicture(answer.sheet),
    }));
    asked.catch(() => found.delete(column));
    found.set(column, asked);
    if (found.size > 40) found.delete(found.keys().next().value);
  }
  return found.get(column);
}
