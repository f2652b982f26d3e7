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
    height = MARGIN + 34 + side + 36 + FACE + 60;
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
  const lines = [place(app, kind), ...panel.words.map((each) => each.textContent)];
  lines.forEach((line, i) =>
    wrap(context, theme, line, x + FACE + 16, top + 20 + i * 30, side - FACE - 16, i ? 13 : 15),
  );
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

function wrap(context, theme, text, x, y, width, size) {
  context.font = `${size}px ${theme.font}`;
  let line = "";
  for (const word of text.split(" ")) {
    if (context.measureText(`${line}${word}`).width > width && line) {
      write(context, theme, line, x, y, size);
      line = "";
      y += size + 2;
    }
    line += `${word} `;
  }
  write(context, theme, line, x, y, size);
}
