// An epoch slider for both models under their curves, with play, speed and arrow keys.

import { el, themeOf, tone } from "../shared/base.js";
import { typeSize } from "../shared/presenter.js";

const CURVES = {
  // columns of an epoch's row: [name, label, colour]
  vae: [["test_negative_elbo", "VAE test loss", "vae"]],
  gan: [
    ["discriminator_loss", "D loss", "gan"],
    ["generator_loss", "G loss", "gan2"],
  ],
};
const BEAT = 900; // ms per epoch at speed 1
const SPEEDS = [0.5, 1, 2, 4];

export class Scrubber {
  last = 1; // epoch of all models
  timer = 0; // playback timer; 0 if stopped

  // callbacks: {scrub(epoch), settled(), speed(x), ahead()}
  constructor(callbacks) {
    this.callbacks = callbacks;
    this.stops = [1];
    this.epoch = 1;
    this.pictures = "digits"; // the noun for the pictures of the data
    this.play = el("button", {
      class: "gx-round",
      title: "Play through the epochs (space)",
      "aria-label": "Play through the epochs",
      onclick: () => this.toggle(),
    });
    const back = el(
      "button",
      {
        class: "gx-round gx-step",
        title: "Previous saved epoch (,)",
        "aria-label": "Previous epoch",
        onclick: () => this.step(-1),
      },
      "‹",
    );
    const next = el(
      "button",
      {
        class: "gx-round gx-step",
        title: "Next saved epoch (.)",
        "aria-label": "Next epoch",
        onclick: () => this.step(1),
      },
      "›",
    );
    this.speed = el(
      "select",
      { title: "Playback speed", "aria-label": "Speed" },
      ...SPEEDS.map((x) => el("option", { value: String(x) }, `× ${x}`)),
    );
    this.speed.addEventListener("change", () => callbacks.speed(Number(this.speed.value)));
    this.canvas = el("canvas", { class: "gx-curves" });
    this.track = el(
      "div",
      {
        class: "gx-track",
        tabindex: "0",
        role: "slider",
        "aria-label": "Epoch",
        title: "Drag through the epochs; arrow keys step, Home and End jump",
      },
      this.canvas,
    );
    this.words = el("output", { class: "gx-epoch" });
    this.legend = el("span", { class: "gx-legend" });
    this.root = el(
      "div",
      { class: "gx-scrubber" },
      el("div", { class: "gx-clock" }, this.words, el("div", { class: "gx-keys" }, this.play, back, next, this.speed)),
      this.track,
      this.legend,
    );
    this.#listen();
    this.#face();
  }

  // facts: {vae, gan}, either may be missing. The slider stops at epochs where at least one model changes.
  models(facts) {
    this.facts = facts;
    const all = Object.values(facts)
      .filter(Boolean)
      .flatMap(({ kept }) => kept.map(([epoch]) => epoch));
    const shown = (epoch) =>
      Object.values(facts)
        .filter(Boolean)
        .map((each) => nearest(each, epoch))
        .join();
    const sorted = [...new Set(all)].sort((a, b) => a - b);
    this.stops = sorted.filter((epoch, i) => i === sorted.length - 1 || shown(epoch) !== shown(sorted[i + 1]));
    this.last = Math.max(
      ...sorted,
      ...Object.values(facts)
        .filter(Boolean)
        .map(({ curve }) => curve.at(-1)?.epoch ?? 1),
    );
    this.draw();
  }

  show(epoch) {
    this.epoch = epoch;
    this.track.setAttribute("aria-valuemin", this.stops[0]);
    this.track.setAttribute("aria-valuemax", this.stops.at(-1));
    this.track.setAttribute("aria-valuenow", epoch);
    this.track.setAttribute("aria-valuetext", `epoch ${epoch} of ${this.last}`);
    this.words.textContent = `epoch ${epoch} of ${this.last}`;
    this.draw();
  }

  // The x position of an epoch, on a logarithmic scale, because early epochs change most.
  #x(epoch) {
    const width = this.canvas.clientWidth - 20;
    return 10 + (this.last > 1 ? Math.log(epoch) / Math.log(this.last) : 0.5) * width;
  }

  #stopAt(event) {
    const x = event.clientX - this.canvas.getBoundingClientRect().left;
    return this.stops.reduce((best, stop) => (Math.abs(this.#x(stop) - x) < Math.abs(this.#x(best) - x) ? stop : best));
  }

  #listen() {
    const { track } = this;
    const go = (event) => {
      const stop = this.#stopAt(event);
      if (stop !== this.epoch) this.callbacks.scrub(stop);
    };
    track.addEventListener("pointerenter", () => this.callbacks.ahead());
    track.addEventListener("pointerdown", (event) => {
      track.setPointerCapture(event.pointerId);
      track.focus({ preventScroll: true });
      this.pause();
      this.dragging = true;
      this.callbacks.ahead();
      go(event);
      event.preventDefault();
    });
    track.addEventListener("pointermove", (event) => this.dragging && go(event));
    for (const kind of ["pointerup", "pointercancel"])
      track.addEventListener(kind, () => {
        this.dragging = false;
        this.callbacks.settled();
      });
    track.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 3, PageDown: -3 }[event.key];
    if (step) this.step(step);
    else if (event.key === "Home") this.callbacks.scrub(this.stops[0]);
    else if (event.key === "End") this.callbacks.scrub(this.stops.at(-1));
    else if (event.key === " ") this.toggle();
    else return;
    this.callbacks.settled();
    event.preventDefault();
  }

  step(by) {
    const now = this.stops.findLastIndex((stop) => stop <= this.epoch);
    const next = this.stops[Math.max(0, Math.min(this.stops.length - 1, now + by))];
    if (next !== this.epoch) this.callbacks.scrub(next);
    this.callbacks.settled();
  }

  toggle() {
    this.timer ? this.pause() : this.#start();
  }

  #start() {
    this.callbacks.ahead();
    const beat = () => {
      const atEnd = this.epoch >= this.stops[this.stops.length - 1];
      this.callbacks.scrub(atEnd ? this.stops[0] : this.stops.find((stop) => stop > this.epoch));
      this.timer = setTimeout(beat, BEAT / Number(this.speed.value));
    };
    this.timer = setTimeout(beat, 0);
    this.#face();
  }

  pause() {
    clearTimeout(this.timer);
    if (this.timer) this.callbacks.settled();
    this.timer = 0;
    this.#face();
  }

  #face() {
    this.play.textContent = this.timer ? "❚❚" : "▶";
    this.play.setAttribute("aria-pressed", String(Boolean(this.timer)));
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas,
      sharp = devicePixelRatio || 1;
    if (!width || !this.facts) return;
    [this.canvas.width, this.canvas.height] = [width * sharp, height * sharp];
    const context = this.canvas.getContext("2d"),
      theme = themeOf(this.root),
      floor = height - 15;
    context.scale(sharp, sharp);
    this.legend.replaceChildren();
    for (const kind of ["vae", "gan"]) if (this.facts[kind]) this.#curves(context, theme, kind, floor);
    this.#ruler(context, theme, floor, height);
  }

  #curves(context, theme, kind, floor) {
    const { curve } = this.facts[kind],
      chosen = CURVES[kind],
      columns = chosen.map(([name]) => curve.map((row) => row[name]));
    const all = columns.flat().filter(Number.isFinite),
      low = Math.min(...all),
      high = Math.max(...all);
    const y = (value) => 4 + (1 - (value - low) / (high - low || 1)) * (floor - 10);
    chosen.forEach(([, words, hue], i) => {
      const colour = tone(hue, theme.dark);
      context.beginPath();
      curve.forEach((row, k) => context[k ? "lineTo" : "moveTo"](this.#x(row.epoch), y(columns[i][k])));
      Object.assign(context, { strokeStyle: colour, lineWidth: 2, lineJoin: "round" });
      context.stroke();
      const k = curve.findLastIndex((row) => row.epoch <= this.epoch);
      if (k < 0) return;
      context.fillStyle = colour;
      context.beginPath();
      context.arc(this.#x(curve[k].epoch), y(columns[i][k]), 3.5, 0, 2 * Math.PI);
      context.fill();
      const unit =
        kind === "vae"
          ? `Nats per image on the test ${this.pictures}; each curve has its own scale`
          : "Mean over the epoch, in nats; each model's curves have their own scale";
      this.legend.append(
        el(
          "span",
          { style: `--hue: ${colour}`, title: unit },
          `${words} ${columns[i][k].toFixed(kind === "vae" ? 1 : 2)}`,
        ),
      );
    });
  }

  #ruler(context, theme, floor, height) {
    const x = this.#x(this.epoch);
    context.fillStyle = theme.border;
    context.fillRect(10, floor, this.canvas.clientWidth - 20, 1);
    context.fillStyle = theme.text;
    context.font = `${typeSize(11)}px ${theme.font}`;
    context.textAlign = "center";
    let free = -Infinity;
    for (const stop of this.stops) {
      const at = this.#x(stop);
      context.fillRect(at - 0.5, floor - 3, 1, 6);
      const close = Math.abs(at - x) < 16;
      if (at < free || (close && stop !== this.epoch)) continue;
      context.globalAlpha = stop === this.epoch ? 1 : 0.7;
      context.fillText(String(stop), Math.min(this.canvas.clientWidth - 8, at), height - 1);
      context.globalAlpha = 1;
      free = at + 20;
    }
    context.fillRect(x - 1, 0, 2, floor);
    context.beginPath();
    context.arc(x, floor, 6, 0, 2 * Math.PI);
    context.fill();
  }

  remove() {
    clearTimeout(this.timer);
  }
}

/**
 * The saved epoch of a model that is nearest on the slider's logarithmic scale.
 * @param {{ kept: [number, string][] }} facts  of the model
 * @param {number} epoch
 * @returns {number}
 */
export function nearest({ kept }, epoch) {
  const away = (each) => Math.abs(Math.log(each / epoch));
  return kept.map(([each]) => each).reduce((best, each) => (away(each) < away(best) ? each : best));
}
