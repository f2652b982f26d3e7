// The layers of a square, drawn on any canvas: the page's own, or the larger one of a saved picture.
// place: {side, spacing, theme}; coordinates become pixels by at().

import { contextOf, withAlpha } from "../shared/base.js";
import { UNLABELLED, labelsIn } from "../shared/classes.js";
import { typeSize } from "../shared/presenter.js";
import { PIXELS, SIDE } from "../latent/nets.js";

/**
 * A square to draw on.
 * @typedef {{ side: number, spacing: import("../latent/latent.js").Spacing, theme: any }} Place
 */

// Pixels left of and below a square, for its axes.
export const GUTTER = 20;

/**
 * Where coordinates lie on the square, in pixels.
 * @param {Place} place
 * @param {number} a
 * @param {number} b
 * @returns {[number, number]}
 */
export const at = ({ side, spacing }, a, b) => [spacing.place(a) * side, (1 - spacing.place(b)) * side];

// Layers by name: [label, tooltip, square]; placeholders are filled by Explore.words(). "ambiguity" is offered only if
// there is a judge.
export const LAYERS = {
  mosaic: ["decoded {pictures}", "What the decoder draws at each point", "vae"],
  rings: [
    "1, 2, 3 σ rings",
    "Circles around the mean of the prior that contain 39 %, 86 % and 99 % of its samples",
    "vae",
  ],
  points: ["test {pictures}", "The encoder's means of the {count}test {pictures}, {coloured}", "vae"],
  density: [
    "density",
    "The aggregated posterior: how densely the encoder's distributions cover the plane. Pale areas are holes, where the decoder was not trained",
    "vae",
  ],
  slice: ["generated {pictures}", "What the generator draws at each point of the slice", "gan"],
  opinion: [
    "D's opinion",
    "How real D considers each {picture} of the slice: the deeper the colour, the more real",
    "gan",
  ],
  ambiguity: [
    "ambiguity",
    "Where the judge, {judge}, is unsure between two {classes}: dark where both are equally likely. Computed when the epoch was saved",
    "vae",
  ],
};

/**
 * Pixels (bytes) as ink of one colour on a transparent background.
 * @param {ArrayLike<number>} pixels
 * @param {number} count
 * @param {number} columns
 * @param {string} ink  a colour
 * @returns {ImageData}
 */
export function inked(pixels, count, columns, ink) {
  const image = new ImageData(columns * SIDE, Math.ceil(count / columns) * SIDE);
  const [r, g, b] = rgb(ink),
    width = image.width * 4;
  for (let tile = 0; tile < count; tile++) {
    const corner = Math.floor(tile / columns) * SIDE * width + (tile % columns) * SIDE * 4;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0, from = tile * PIXELS + y * SIDE, to = corner + y * width; x < SIDE; x++, from++, to += 4) {
        image.data[to] = r;
        image.data[to + 1] = g;
        image.data[to + 2] = b;
        image.data[to + 3] = pixels[from];
      }
    }
  }
  return image;
}

/**
 * @param {string} colour
 * @returns {number[]}
 */
export function rgb(colour) {
  const hex = colour.match(/^#(..)(..)(..)/);
  return hex
    ? hex.slice(1).map((each) => parseInt(each, 16))
    : (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}

/**
 * A count x count field as translucent colour; values from 0 to 1.
 * @param {ArrayLike<number>} values
 * @param {number} count
 * @param {string} colour
 * @param {number} [strength]
 * @returns {OffscreenCanvas}
 */
export function field(values, count, colour, strength = 0.75) {
  const image = new ImageData(count, count),
    [r, g, b] = rgb(colour);
  for (let i = 0; i < values.length; i++) image.data.set([r, g, b, 255 * strength * values[i]], 4 * i);
  const canvas = new OffscreenCanvas(count, count);
  contextOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ side: number }} place
 * @param {CanvasImageSource} picture
 * @param {boolean} smooth
 */
export function drawField(context, { side }, picture, smooth) {
  context.imageSmoothingEnabled = smooth;
  context.drawImage(picture, 0, 0, side, side);
  context.imageSmoothingEnabled = false;
}

// xs, ys: the means on the plane. Points without a label are drawn first, and fainter if others have labels.
export function drawPoints(context, place, { xs, ys, labels }, size, classes) {
  const present = labelsIn(labels),
    paths = new Map(present.map((label) => [label, new Path2D()]));
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = at(place, xs[i], ys[i]);
    if (x > 0 && y > 0 && x < place.side && y < place.side)
      paths.get(labels[i])?.rect(x - size / 2, y - size / 2, size, size);
  }
  if (present.includes(UNLABELLED)) present.unshift(...present.splice(-1)); // it comes last, see labelsIn
  for (const label of present) {
    context.globalAlpha = label === UNLABELLED && present.length > 1 ? 0.3 : 0.75;
    context.fillStyle = classes.colour(label, place.theme.dark);
    context.fill(paths.get(label));
  }
  context.globalAlpha = 1;
}

// The label of the point at pixel (x, y) of the square, or null.
export function labelAt(place, { xs, ys, labels }, x, y, reach = 4) {
  let [found, least] = [null, reach ** 2];
  for (let i = 0; i < xs.length; i++) {
    const [toX, toY] = at(place, xs[i], ys[i]),
      away = (toX - x) ** 2 + (toY - y) ** 2;
    if (away <= least) [found, least] = [labels[i], away];
  }
  return found;
}

/**
 * One, two and three standard deviations of the prior.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 */
export function drawRings(context, place) {
  for (const radius of [1, 2, 3]) {
    stroke(context, place, ellipse([0, 0], [radius, radius]), place.theme.text, 1, 0.55);
    const [x, y] = at(place, radius * Math.SQRT1_2, radius * Math.SQRT1_2);
    halo(context, place.theme, `${radius} σ`, x + 3, y - 3);
  }
}

/**
 * The same for a one-dimensional latent space, which has no vertical axis.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 */
export function drawBands(context, place) {
  for (const sigma of [-3, -2, -1, 1, 2, 3]) {
    stroke(
      context,
      place,
      [
        [sigma, -9],
        [sigma, 9],
      ],
      place.theme.text,
      1,
      0.55,
    );
    halo(context, place.theme, `${Math.abs(sigma)} σ`, at(place, sigma, 0)[0] + 3, 14);
  }
}

export function ellipse([x, y], [spreadX, spreadY], turn = 0) {
  return Array.from({ length: 97 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 96,
      along = spreadX * Math.cos(angle),
      across = spreadY * Math.sin(angle);
    return [x + along * Math.cos(turn) - across * Math.sin(turn), y + along * Math.sin(turn) + across * Math.cos(turn)];
  });
}

export function stroke(context, place, points, colour, width, alpha = 1, dash = []) {
  context.save();
  context.beginPath();
  points.forEach(([a, b], i) => context[i ? "lineTo" : "moveTo"](...at(place, a, b)));
  Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
  context.setLineDash(dash);
  context.stroke();
  context.restore();
}

export function drawPins(context, place, pins, loop, hue) {
  if (pins.length > 1) stroke(context, place, loop ? [...pins, pins[0]] : pins, hue, 2, 0.9);
  pins.forEach(([a, b], i) => {
    const [x, y] = at(place, a, b);
    disc(context, x, y, 9, hue);
    context.fillStyle = "#fff";
    context.font = `600 ${typeSize(11)}px ${place.theme.font}`;
    context.textAlign = "center";
    context.fillText(String(i + 1), x, y + 4);
  });
}

export function disc(context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

// The posterior of the input digit: its mean, its 1 σ ellipse, and samples.
export function drawPosterior(context, place, { mean, spread, turn = 0, draws = [] }, hue) {
  const outline = ellipse(mean, spread, turn);
  stroke(context, place, outline, place.theme.background, 5, 0.8);
  stroke(context, place, outline, hue, 2);
  for (const draw of draws) disc(context, ...at(place, draw[0], draw[1]), 2, hue);
  const [x, y] = at(place, mean[0], mean[1]);
  disc(context, x, y, 5, place.theme.background);
  disc(context, x, y, 3.5, hue);
}

/**
 * Text with a halo, readable on any background.
 * @param {CanvasRenderingContext2D} context
 * @param {any} theme
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {CanvasTextAlign} [align]
 * @param {number} [size]
 */
export function halo(context, theme, text, x, y, align = "left", size = 12) {
  context.font = `${typeSize(size)}px ${theme.font}`;
  context.textAlign = align;
  Object.assign(context, { lineWidth: 5, lineJoin: "round", strokeStyle: theme.background, fillStyle: theme.text });
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/**
 * Ticks under the square and left of it, where they lie on no picture.
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {string[]} names  of the two axes
 */
export function drawAxis(context, place, [across, up]) {
  const { side, spacing, theme } = place;
  const steps = spacing.kind === "quantile" || spacing.reach < 5 ? [-3, -2, -1, 0, 1, 2, 3] : [-4, -2, 0, 2, 4];
  context.save();
  context.strokeStyle = theme.text;
  context.font = `${typeSize(12)}px ${theme.font}`;
  const [name, upward] = [across, up].map((each) => each && `${each} →`);
  const [free, top] = [name, upward].map((each) => side - context.measureText(each).width - 12);
  for (const step of steps) {
    const [x, y] = at(place, step, step);
    const words = String(step).replace("-", "−");
    line(context, x, side, x, side + 4);
    if (x > 12 && x < free) halo(context, theme, words, x, side + 15, "center");
    if (!upward) continue;
    line(context, -4, y, 0, y);
    if (y > side - top && y < side - 6) halo(context, theme, words, -6, y + 4, "right");
  }
  halo(context, theme, name, side, side + 15, "right");
  context.rotate(-Math.PI / 2); // along the left side, upwards
  halo(context, theme, upward, 0, -7, "right");
  context.restore();
}

function line(context, x, y, toX, toY) {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

export { withAlpha };
