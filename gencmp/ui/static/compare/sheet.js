// One column's pictures on a canvas: their positions by view and order, and the animation between them.

import { el, loadPicture } from "../shared/base.js";

export const SIDE = 28;
export const ACROSS = 8;
export const DEEP = 10; // rows of a sheet by class
const BROAD = 10;

/**
 * How many pictures of a class are side by side: several if there are few classes, so that the sheet is as wide as with ten.
 * @param {number} classes  how many there are
 */
export const blockOf = (classes) => Math.max(1, Math.floor(BROAD / classes));

// The position of each picture of a column: {across, rows, cells: [{column, row, epoch, index}]}. byClass: one column per class.
export function layout(info, { view, order }, across, byClass) {
  if (view === "evolution") return evolutionOf(info);
  const places = info.orders[order],
    cells = [];
  if (byClass) {
    const block = blockOf(places.length);
    places.forEach((all, place) =>
      all
        .slice(0, DEEP * block)
        .forEach((index, i) =>
          cells.push({ column: place * block + (i % block), row: Math.floor(i / block), epoch: info.epoch, index }),
        ),
    );
    return {
      across: places.length * block,
      rows: Math.min(DEEP, Math.ceil(Math.max(...places.map((all) => all.length)) / block)),
      cells,
    };
  }
  const flat = places.flat();
  flat.forEach((index, i) => cells.push({ column: i % across, row: Math.floor(i / across), epoch: info.epoch, index }));
  return { across, rows: Math.ceil(flat.length / across), cells };
}

function evolutionOf(info) {
  const epochs = info.evolution.length
    ? info.evolution
    : [...new Array(Math.ceil(info.count / ACROSS)).keys()].map(() => null);
  const cells = epochs
    .flatMap((epoch, row) =>
      [...new Array(ACROSS).keys()].map((i) => ({
        column: i,
        row,
        epoch: epoch ?? 0,
        index: epoch === null ? row * ACROSS + i : i,
      })),
    )
    .filter(({ index }) => index < info.count);
  return { across: ACROSS, rows: epochs.length, cells, epochs };
}

const pictureOf = (api, { name, kind, of }, epoch) =>
  loadPicture(
    kind === "real"
      ? `${api}/real.png${of ? `?of=${encodeURIComponent(of)}` : ""}`
      : `${api}/pictures/${encodeURIComponent(name)}/${epoch}/samples.png`,
  );

export function drawCell(context, picture, index, x, y, side = SIDE) {
  const across = Math.round(picture.width / SIDE);
  context.drawImage(picture, (index % across) * SIDE, Math.floor(index / across) * SIDE, SIDE, SIDE, x, y, side, side);
}

export class PixelSheet {
  // mean: for a scale of 1.5, drawn at three times the size and halved by the browser.
  constructor(app, info, { across, scale, mean }, rows) {
    this.app = app;
    this.info = info;
    this.plan = layout(info, app.state, across, app.byClass());
    this.large = mean ? 3 : 1;
    this.rows = Math.max(rows, this.plan.rows);
    const [width, height] = [this.plan.across * SIDE, this.rows * SIDE];
    this.canvas = el("canvas", { class: "gm-sheet", width: width * this.large, height: height * this.large });
    Object.assign(this.canvas.style, {
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      imageRendering: mean ? "auto" : "",
    });
  }

  async draw() {
    const epochs = [...new Set(this.plan.cells.map((cell) => cell.epoch))];
    const pictures = await Promise.all(
      epochs.map((epoch) => pictureOf(this.app.data.api, this.info, epoch).catch(() => null)),
    );
    const context = this.canvas.getContext("2d"),
      of = new Map(epochs.map((epoch, i) => [epoch, pictures[i]])),
      side = SIDE * this.large;
    context.imageSmoothingEnabled = false;
    for (const { column, row, epoch, index } of this.plan.cells)
      if (of.get(epoch)) drawCell(context, of.get(epoch), index, column * side, row * side, side);
    this.pictures = of;
    this.canvas.dataset.shown = `${this.info.name}@${this.info.epoch}`;
  }

  cell(column, row) {
    return this.plan.cells.find((each) => each.column === column && each.row === row);
  }
}
