// What is on screen as a captioned picture, at twice the screen's resolution or more, made in the browser.

import { contextOf, tone } from "../shared/base.js";
import { signed } from "./vaepanel.js";

const GAP = 36,
  FACE = 112,
  MARGIN = 32;

/**
 * Saves the picture; returns its file name.
 * @param {any} app  an Explore
 * @returns {Promise<string>}
 */
export async function save(app) {
  const canvas = compose(app),
    blob = await canvas.convertToBlob({ type: "image/png" });
  const name = `gencmp-explore-${app.state.vae || "no-vae"}-${app.state.gan || "no-gan"}-epoch-${app.state.epoch}.png`;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return name;
}

/**
 * Both squares as they are now, on one canvas.
 * @param {any} app  an Explore
 */
export function compose(app) {
  const panels = ["vae", "gan"].filter((kind) => app[kind].model).map((kind) => ({ kind, panel: app[kind] }));
  const { theme } = app,
    { side } = panels[0].panel.square,
    scale = Math.max(2, Math.ceil(2 * (devicePixelRatio || 1)));
  const width = 2 * MARGIN + panels.length * side + (panels.length - 1) * GAP,
    ruler = contextOf(new OffscreenCanvas(1, 1)),
    below = Math.max(FACE, ...panels.map(({ kind }) => told(ruler, app, kind, side).height));
  const height = MARGIN + 34 + side + 36 + below + 60;
  const canvas = new OffscreenCanvas(width * scale, height * scale),
    context = contextOf(canvas);
  context.scale(scale, scale);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  panels.forEach(({ kind, panel }, i) => column(context, app, kind, panel, MARGIN + i * (side + GAP), side));
  context.globalAlpha = 0.75;
  write(context, theme, foot(app), MARGIN, height - 18, 13);
  return canvas;
}

function column(context, app, kind, panel, x, side) {
  const { theme } = app,
    facts = app.facts[kind];
  write(context, theme, `${kind.toUpperCase()}  `, x, MARGIN + 16, 18, 600, tone(kind, theme.dark));
  write(context, theme, `${facts.name}, epoch ${panel.model.epoch} of ${facts.epochs}`, x + 50, MARGIN + 16, 15);
  context.save();
  context.translate(x, MARGIN + 34);
  if (kind === "gan" && app.state.tab === "wall")
    context.drawImage(panel.wall.canvas, 0, 0, panel.wall.side, panel.wall.side);
  else panel.square.export(context);
  context.restore();
  const top = MARGIN + 34 + side + 32;
  context.imageSmoothingEnabled = false;
  context.drawImage(panel.face.canvas, x, top, FACE, FACE);
  for (const { line, size, y } of told(context, app, kind, side).lines)
    write(context, theme, line, x + FACE + 16, top + y, size);
}

/**
 * What is said beside a face, one line under another, and how high all of it is.
 * @param {any} context
 * @param {any} app  an Explore
 * @param {string} kind
 * @param {number} side
 * @returns {{lines: {line: string, size: number, y: number}[], height: number}}
 */
export function told(context, app, kind, side) {
  const sentences = [place(app, kind), ...app[kind].words.map((each) => each.textContent)];
  /** @type {{line: string, size: number, y: number}[]} */
  const lines = [];
  let y = 4;
  sentences.forEach((sentence, i) => {
    const size = i ? 13 : 15;
    context.font = `${size}px ${app.theme.font}`;
    for (const line of wrapped(sentence, side - FACE - 16, (text) => context.measureText(text).width)) {
      y += size + 3;
      lines.push({ line, size, y });
    }
    y += 8; // between sentences
  });
  return { lines, height: y };
}

function place({ state, gan }, kind) {
  if (kind === "vae") return `z = (${state.x.map(signed).join(", ")})`;
  const parts = [
    `seed ${state.seed}`,
    `(${state.g.map(signed).join(", ")}) along ${state.dirs} directions`,
    `D ${gan.opinion.toFixed(2)}`,
  ];
  if (state.t) parts.splice(1, 0, `${Math.round(100 * state.t)} % towards seed ${state.to}`);
  if (state.drop) parts.push("dropout on");
  return parts.join(" · ");
}

function foot({ data, facts }) {
  const sets = [...new Set(["gan", "vae"].map((kind) => facts[kind]?.data).filter(Boolean))].join(" and ");
  return `gencmp ${data.version} · ${new Date().toISOString().slice(0, 10)} · a GAN and a VAE on ${sets}, after S. Verma's comparison`;
}

function write(context, theme, text, x, y, size, weight = 400, colour = theme.text) {
  context.font = `${weight} ${size}px ${theme.font}`;
  context.textAlign = "left";
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/**
 * A sentence in lines no wider than `width`.
 * @param {string} sentence
 * @param {number} width
 * @param {(text: string) => number} measure
 */
export function wrapped(sentence, width, measure) {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && measure(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
