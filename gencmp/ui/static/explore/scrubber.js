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
const SIDES = { vae: "left", gan: "right" }; // where the scale of each model's curves stands
const EDGE = 44; // pixels at each end of the track, for the scales

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
    this.kept = el("span", { class: "gx-which gx-stops" });
    this.root = el(
      "div",
      { class: "gx-scrubber" },
      el(
        "div",
        { class: "gx-clock" },
        this.words,
        el("div", { class: "gx-keys" }, this.play, back, next, this.speed),
        this.kept,
      ),
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
    this.kept.textContent = this.#keptWords();
    this.kept.title = `Weights of epochs ${this.stops.join(", ")}; the curves show all epochs`;
    this.draw();
  }

  // Fewer stops than epochs: which, and why.
  #keptWords() {
    const count = this.stops.length;
    if (count >= this.last) return "";
    const shipped = Object.values(this.facts).some((each) => each?.shipped);
    return `${count} saved epoch${count === 1 ? "" : "s"}${shipped ? " (shipped)" : ""}`;
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
    const width = this.canvas.clientWidth - 2 * EDGE;
    return EDGE + (this.last > 1 ? Math.log(epoch) / Math.log(this.last) : 0.5) * width;
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
      floor = height - typeSize(17);
    context.scale(sharp, sharp);
    this.legend.replaceChildren();
    this.track.title = `Drag through the epochs; arrow keys step, Home and End jump. ${this.#scaleWords()}`;
    for (const kind of ["vae", "gan"]) if (this.facts[kind]) this.#curves(context, theme, kind, floor);
    this.#ruler(context, theme, floor, height);
  }

  #scaleWords() {
    const there = ["vae", "gan"].filter((kind) => this.facts[kind]);
    return `Losses in nats: ${there.map((kind) => `${kind.toUpperCase()} on the ${SIDES[kind]}`).join(", ")}`;
  }

  #curves(context, theme, kind, floor) {
    const { curve } = this.facts[kind],
      chosen = CURVES[kind],
      columns = chosen.map(([name]) => curve.map((row) => row[name]));
    const all = columns.flat().filter(Number.isFinite),
      low = Math.min(...all),
      high = Math.max(...all);
    if (!all.length) return;
    const y = (value) => 5 + (1 - (value - low) / (high - low || 1)) * (floor - 14);
    this.#scale(context, theme, kind, [low, high], y);
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
          ? `Nats per image on the test ${this.pictures}; the scale is on the left`
          : "Mean over the epoch, in nats; the scale of both curves is on the right";
      this.legend.append(
        el(
          "span",
          { style: `--hue: ${colour}`, title: unit },
          `${words} ${columns[i][k].toFixed(kind === "vae" ? 1 : 2)}`,
        ),
      );
    });
  }

  // The least and the greatest value of a model's curves, in its colour, at its side of the track.
  #scale(context, theme, kind, range, y) {
    const left = SIDES[kind] === "left",
      x = left ? EDGE - 9 : this.canvas.clientWidth - EDGE + 9;
    Object.assign(context, { fillStyle: tone(kind, theme.dark), textAlign: left ? "right" : "left" });
    context.font = `${typeSize(12.5)}px ${theme.font}`;
    for (const value of range) {
      context.fillText(value.toFixed(kind === "vae" && range[1] - range[0] > 3 ? 0 : 1), x, y(value) + 4);
      context.fillRect(left ? EDGE - 6 : this.canvas.clientWidth - EDGE + 2, y(value), 4, 1);
    }
    const [low, high] = range.map(y);
    if (low - high > typeSize(28)) context.fillText("nats", x, (low + high) / 2 + 4);
  }

  #ruler(context, theme, floor, height) {
    const x = this.#x(this.epoch);
    context.fillStyle = theme.border;
    context.fillRect(EDGE - 6, floor, this.canvas.clientWidth - 2 * EDGE + 12, 1);
    context.fillStyle = theme.text;
    context.font = `${typeSize(12.5)}px ${theme.font}`;
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
      free = at + typeSize(22);
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
