// Where the encoder puts the pictures: for each a mean, an ellipse of one standard deviation, and the z that was drawn.

import { el } from "../shared/base.js";
import { explained } from "../shared/terms.js";
import { svg } from "./network.js";

const REACHES = [3, 4, 6, 9, 14, 20, 30, 50, 100]; // half the width of the plane, in standard deviations of the prior

const signed = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
const pair = (values) => `(${values.map(signed).join(", ")})`;

/**
 * Half the width that shows all ellipses and draws.
 * @param {{mean: number[][], std: number[][], z: number[][]}} moment
 */
export function reachFor({ mean, std, z }) {
  const far = mean.flatMap((each, i) => each.map((m, k) => Math.max(Math.abs(m) + std[i][k], Math.abs(z[i][k]))));
  const most = Math.max(0, ...far);
  return REACHES.find((reach) => reach >= most) ?? Math.ceil(most / 100) * 100;
}

export class Draws {
  constructor(nouns) {
    this.chosen = 0;
    this.reach = 3;
    this.plane = svg("svg", {
      class: "gt-plane",
      viewBox: "-100 -100 200 200",
      role: "img",
      "aria-label": "The draws in the latent plane",
    });
    this.numbers = el("p", { class: "gt-numbers" });
    this.root = el(
      "div",
      { class: "gt-draws" },
      this.plane,
      el(
        "div",
        {},
        el(
          "p",
          {},
          ...explained("For each picture: the [mean and standard deviation] (ellipse) and the [draw z] (dot).", nouns),
        ),
        this.numbers,
      ),
    );
  }

  /** @param {any} moment  with mean, std and z, [n][1 or 2] */
  show(moment) {
    if (!moment?.mean?.length) return;
    this.moment = moment;
    this.reach = Math.max(this.reach, reachFor(moment)); // grows only: no jump to and fro
    const scale = 96 / this.reach;
    const rings = [1, 2, 3].map((sigma) => svg("circle", { class: "gt-ring", r: sigma * scale }));
    const axes = [svg("path", { class: "gt-ring", d: "M-100,0H100M0,-100V100" })];
    this.plane.replaceChildren(...axes, ...rings, ...moment.mean.flatMap((_, i) => this.#draw(i, scale)));
    this.#words();
  }

  #draw(i, scale) {
    const [mean, std, z] = ["mean", "std", "z"].map((name) => this.moment[name][i]),
      flip = ([x, y = 0]) => [x * scale, -y * scale];
    const [cx, cy] = flip(mean),
      [x, y] = flip(z),
      mark = i === this.chosen ? "gt-chosen" : "";
    return [
      svg("ellipse", { class: `gt-spread ${mark}`, cx, cy, rx: std[0] * scale, ry: (std[1] ?? 0.04) * scale }),
      svg("line", { class: `gt-step ${mark}`, x1: cx, y1: cy, x2: x, y2: y }),
      svg("circle", { class: `gt-dot ${mark}`, cx: x, cy: y, r: i === this.chosen ? 4 : 2.6 }),
    ];
  }

  #words() {
    const [mean, std, z] = ["mean", "std", "z"].map((name) => pair(this.moment[name][this.chosen]));
    const place = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"][this.chosen];
    this.numbers.replaceChildren(
      el("span", {}, `The ${place} picture:`),
      el("span", {}, `mean ${mean}`),
      el("span", {}, `standard deviation ${std}`),
      el("span", {}, `z ${z}`),
    );
  }

  /** @param {number} i  the picture whose numbers are shown */
  choose(i) {
    this.chosen = i;
    this.show(this.moment);
  }
}
