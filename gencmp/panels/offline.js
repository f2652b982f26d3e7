// The latent planes in a panel's HTML file: the model draws the point that is dragged. Needs no server; see html.py.

import { Divider } from "./divider.js";
import { Plane, Spacing, axes, drawNoise } from "../latent/latent.js";
import { PIXELS, SIDE, paint, readWeights } from "../latent/nets.js";

const TILES = 14,
  REACH = { gan: 5, vae: 3 },
  HUES = { gan: "#D55E00", vae: "#0072B2" };
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

class OfflinePlane {
  /** @type {Plane} the slice of latent space that is shown */
  plane;

  constructor({ name, kind, epoch, directions, weights }) {
    this.model = readWeights(Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0)).buffer);
    this.kind = kind;
    this.directions = directions;
    this.seed = 7;
    this.at = [0, 0];
    this.spacing = new Spacing("even", REACH[kind]);
    this.pixels = new Float64Array(PIXELS);
    this.root = make("figure");
    this.root.style.setProperty("--hue", HUES[kind]);
    this.mosaic = make("canvas", { width: TILES * SIDE, height: TILES * SIDE });
    this.mark = make("div", { className: "mark" });
    this.square = make("div", { className: "plane", tabIndex: 0 }, this.mosaic, this.mark);
    this.square.setAttribute("aria-label", `${kind.toUpperCase()} ${name}: arrow keys move the point`);
    this.face = make("canvas", { className: "face", width: SIDE, height: SIDE });
    this.words = make("p");
    const answer = make("div", {}, this.words);
    if (kind === "gan")
      answer.append(make("button", { type: "button", textContent: "Another seed", onclick: () => this.reseed() }));
    const caption = make("figcaption", {}, make("b", { textContent: kind.toUpperCase() }), ` ${name}, epoch ${epoch}`);
    this.root.append(caption, this.square, make("div", { className: "said" }, this.face, answer));
    this.listen();
    this.reseed(7);
  }

  listen() {
    const drag = (event) => {
      if (event.type === "pointerdown") this.square.setPointerCapture(event.pointerId);
      else if (!this.square.hasPointerCapture(event.pointerId)) return;
      const box = this.square.getBoundingClientRect();
      const t = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
      this.move(t.map((each) => this.spacing.at(Math.min(1, Math.max(0, each)))));
    };
    this.square.addEventListener("pointerdown", drag);
    this.square.addEventListener("pointermove", drag);
    this.square.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (!step) return;
      event.preventDefault();
      const size = this.spacing.reach / (event.shiftKey ? 10 : 50);
      this.move(this.at.map((x, i) => this.spacing.clamp(x + step[i] * size)));
    });
  }

  reseed(seed = this.seed + 1) {
    const { size, config } = this.model,
      flat = this.kind === "vae" && size <= 2;
    const [u, v] = flat ? axes(size) : this.directions;
    this.seed = seed;
    this.plane = new Plane(
      this.kind === "gan" ? drawNoise(seed, size, config.noise) : new Float64Array(size),
      u,
      v ?? new Float64Array(size),
    );
    const ticks = this.spacing.ticks(TILES),
      context = this.mosaic.getContext("2d");
    for (let row = 0; row < TILES; row++) {
      for (let column = 0; column < TILES; column++) {
        paint(this.model, this.plane.point(ticks[column], ticks[TILES - 1 - row]), this.pixels);
        context.putImageData(inked(this.pixels), column * SIDE, row * SIDE);
      }
    }
    this.move(this.kind === "gan" ? [0, 0] : this.at);
  }

  move(at) {
    this.at = at;
    paint(this.model, this.plane.point(at[0], at[1]), this.pixels);
    this.face.getContext("2d").putImageData(inked(this.pixels), 0, 0);
    const [x, y] = at.map((each) => this.spacing.place(each));
    this.mark.style.left = `${100 * x}%`;
    this.mark.style.top = `${100 * (1 - y)}%`;
    const place = at.map((each) => `${each < 0 ? "−" : "+"}${Math.abs(each).toFixed(2)}`).join(", ");
    this.words.textContent =
      this.kind === "gan"
        ? `Seed ${this.seed}, moved by (${place}) along the two strongest directions`
        : `z = (${place})`;
  }
}

function inked(pixels) {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) {
    image.data.fill(255 - 255 * pixels[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

function make(tag, facts = {}, ...children) {
  const node = Object.assign(document.createElement(tag), facts);
  node.append(...children);
  return node;
}

/**
 * An element written by graphics/page.py or html.py.
 * @param {string} selector
 * @returns {any}
 */
const element = (selector) => document.querySelector(selector);

/**
 * The first group of a pattern's match.
 * @param {RegExp} pattern
 * @param {string} text
 */
const found = (pattern, text) => (pattern.exec(text) ?? [])[1];

// Makes the still of a swipe (graphics/page.py) interactive: moves its divider and the clipping of its second picture.
function swipe(stage) {
  const [first, second] = stage.querySelectorAll("image"),
    lines = stage.querySelectorAll("[id^=divider]");
  const name = found(/#(.*?)["')]/, second.parentNode.getAttribute("clip-path"));
  const beyond = element(`#${name} > *`),
    start = Number(found(/M ([\d.]+)/, beyond.getAttribute("d")));
  const { a, d, e: x, f: y } = first.transform.baseVal.consolidate().matrix;
  const width = a * first.width.baseVal.value,
    height = d * first.height.baseVal.value;
  const cut = (at) => {
    const left = x + (width * at) / 100;
    beyond.setAttribute("d", `M ${left} ${y} H ${x + width} V ${y + height} H ${left} Z`);
    for (const line of lines) line.setAttribute("transform", `translate(${left - start})`);
  };
  return new Divider(stage, cut, (100 * (start - x)) / width, () => first.getBoundingClientRect());
}

document.querySelectorAll("#swipe").forEach(swipe);
const models = JSON.parse(element("#models").textContent);
if (models.length) {
  element(".live").hidden = false;
  element(".planes").append(...models.map((each) => new OfflinePlane(each).root));
}
