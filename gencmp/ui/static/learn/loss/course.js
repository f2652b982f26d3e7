// The running mean of KL's estimate against the number of draws, on its way to the closed form.

import { el } from "../../shared/base.js";
import { figure } from "../parts.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 190; // CSS pixels, as all below
const ROOM = { left: 44, right: 12, top: 12, bottom: 40 };
const DASHES = ["", "7 4", "2 3"];

const node = (tag, attributes, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
};

/**
 * Even steps of 1, 2 or 5 times a power of ten, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} [count]
 */
export function ticksOf(low, high, count = 4) {
  const rough = (high - low) / count,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

export class Course {
  /** @type {any} an Estimate, null before the first */
  estimate = null;
  /** @type {number[]} */
  exact = [];

  constructor() {
    this.root = el("div", { class: "gw-course" });
    this.observer = new ResizeObserver(() => this.estimate && this.#draw());
    this.observer.observe(this.root);
  }

  /**
   * @param {import("./elbo.js").Estimate} estimate
   * @param {number[]} exact  the closed form of each latent number
   */
  show(estimate, exact) {
    this.estimate = estimate;
    this.exact = exact;
    this.#draw();
  }

  remove() {
    this.observer.disconnect();
  }

  #draw() {
    const width = this.root.clientWidth;
    if (!width) return;
    const { course, count } = this.estimate;
    const values = [...course.flatMap(({ means }) => means), ...this.exact];
    const [low, high] = [Math.min(...values) - 0.4, Math.max(...values) + 0.4],
      most = Math.max(10, count);
    const x = (n) => ROOM.left + (Math.log(n) / Math.log(most)) * (width - ROOM.left - ROOM.right),
      y = (nats) => ROOM.top + ((high - nats) / (high - low)) * (HEIGHT - ROOM.top - ROOM.bottom);
    const label = `Mean of ${count} draws: ${this.estimate.means().map((each) => figure(each)).join(", ")} nats; closed form: ${this.exact.map((each) => figure(each)).join(", ")} nats`; // prettier-ignore
    this.root.replaceChildren(
      node(
        "svg",
        { width, height: HEIGHT, role: "img", "aria-label": label },
        ...this.#axes(x, y, low, high, most, width),
        ...this.exact.map((nats) =>
          node("line", { class: "gw-exact", x1: ROOM.left, x2: width - ROOM.right, y1: y(nats), y2: y(nats) }),
        ),
        ...this.exact.flatMap((_, i) => this.#line(course, i, x, y)),
      ),
    );
  }

  #line(course, i, x, y) {
    const points = course.map(({ count, means }) => `${x(count).toFixed(1)},${y(means[i]).toFixed(1)}`);
    const last = course[course.length - 1];
    return [
      node("polyline", {
        class: `gw-mean gw-mean-${i % 2}`,
        points: points.join(" "),
        "stroke-dasharray": DASHES[i % 3],
      }),
      node("circle", { class: `gw-end gw-mean-${i % 2}`, cx: x(last.count), cy: y(last.means[i]), r: 4 }),
    ];
  }

  #axes(x, y, low, high, most, width) {
    const powers = Array.from({ length: Math.floor(Math.log10(most) + 1e-9) + 1 }, (_, i) => 10 ** i);
    const text = (attributes, words) => node("text", attributes, words);
    return [
      ...ticksOf(low, high).flatMap((nats) => [
        node("line", { class: "gw-grid", x1: ROOM.left, x2: width - ROOM.right, y1: y(nats), y2: y(nats) }),
        text({ x: ROOM.left - 6, y: y(nats) + 4, "text-anchor": "end" }, figure(nats, high - low > 3 ? 0 : 1)),
      ]),
      ...powers.map((n) =>
        text({ x: x(n), y: HEIGHT - ROOM.bottom + 18, "text-anchor": "middle" }, n.toLocaleString("en-US")),
      ),
      text({ x: (ROOM.left + width - ROOM.right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "draws, logarithmic"),
      text({ x: -ROOM.top, y: 12, "text-anchor": "end", transform: "rotate(-90)" }, "KL in nats"),
    ];
  }
}
