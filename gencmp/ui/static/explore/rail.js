// The side rail: layers, pins and their path, the picture to reconstruct, and saving the view.

import { el } from "../shared/base.js";
import { legend, reword, worded } from "../shared/classes.js";
import { DigitIn } from "./digitin.js";
import { LAYERS } from "./layers.js";
import { along } from "../latent/latent.js";
import { Choice, button, check } from "./pieces.js";
import { save } from "./save.js";

const SPEED = 1.1; // coordinates a second, along a path

// A check box for a layer of LAYERS.
function layer(words, title, changed) {
  const made = check("", "", changed),
    name = worded(el("span"), { text: words });
  made.root.append(name);
  worded(made.root, { title });
  return made;
}

export class Rail {
  frame = 0; // the requested animation frame; 0 for none

  constructor(app) {
    this.app = app;
    this.digit = new DigitIn(app);
    this.layers = Object.fromEntries(
      Object.entries(LAYERS).map(([name, [words, title]]) => [
        name,
        layer(words, title, (on) =>
          app.change({ layers: on ? [...app.state.layers, name] : app.state.layers.filter((each) => each !== name) }),
        ),
      ]),
    );
    this.spacing = new Choice(
      "Spacing of the plane",
      [
        ["even", "even", "Equal steps of the latent coordinates"],
        ["quantile", "prior quantiles", "Equal steps of the prior's probability, as in Kingma & Welling's figure 4"],
      ],
      (spacing) => app.change({ spacing }),
    );
    this.directions = new Choice(
      "Directions of the GAN's slice",
      [
        [
          "principal",
          "strongest",
          "The directions that change G's first layer most, as in SeFa and GANSpace (from the last saved epoch)",
        ],
        ["random", "random", "Random orthogonal directions"],
      ],
      (dirs) => app.change({ dirs }),
    );
    this.others = button(
      "↻",
      "Other random directions",
      () => app.change({ dseed: app.state.dseed + 1 }),
      "gx-button gx-tight",
    );
    this.key = worded(el("div", { class: "gx-key", hidden: true }), { "aria-label": "Colours of the {classes}" });
    this.pins = el("span", { class: "gx-which" });
    this.play = button("▶ Play", "Move along the path through the pins", () =>
      this.frame ? this.stop() : this.#start(),
    );
    this.loop = check("loop", "From the last pin back to the first", (loop) => app.change({ loop }));
    this.forget = button("Clear", "Remove all pins", () => {
      this.stop();
      app.change({ pins: [], gpins: [] });
    });
    this.status = el("span", { class: "gx-which", role: "status" });
    this.root = el(
      "aside",
      { class: "gx-rail" },
      el(
        "section",
        { "aria-label": "Layers" },
        el("h2", {}, "Layers"),
        el(
          "div",
          { class: "gx-layers" },
          ...["vae", "gan"].map((kind) =>
            el(
              "div",
              { class: `gc-${kind}` },
              el("strong", {}, kind.toUpperCase()),
              ...Object.keys(LAYERS)
                .filter((name) => LAYERS[name][2] === kind)
                .map((name) => this.layers[name].root),
            ),
          ),
        ),
        this.key,
        el("div", { class: "gx-setting" }, el("span", {}, "plane"), this.spacing.root),
        el("div", { class: "gx-setting" }, el("span", {}, "slice"), this.directions.root, this.others),
      ),
      el(
        "section",
        { "aria-label": "Pins and path" },
        el("h2", { title: "Click in a square to pin a point; click a pin to remove it" }, "Pins and path"),
        el("div", { class: "gx-row" }, this.play, this.loop.root, this.forget),
        this.pins,
      ),
      this.digit.root,
      el(
        "section",
        { class: "gx-keep", "aria-label": "Keep this view" },
        el(
          "div",
          { class: "gx-row" },
          button("Save picture", "Save what is on screen, with a caption, as a PNG of at least twice the size", () =>
            this.#save(),
          ),
          button("Copy address", "The address restores this exact view", () => this.#copy()),
        ),
        this.status,
      ),
    );
  }

  retheme(theme) {
    this.digit.retheme(theme);
    this.showKey();
  }

  // Layers use the words of their own model; everything else uses the VAE's.
  reword(kind) {
    const words = this.app.words(kind);
    if (kind === "vae") {
      reword(this.root, words);
      this.digit.pad.reword(words);
    }
    const gan = this.app.words("gan");
    for (const [name, { root }] of Object.entries(this.layers))
      if (LAYERS[name][2] === "gan") reword(root.parentElement, gan);
    this.showKey();
  }

  // A legend of the classes that occur on the plane; of all classes before there are points.
  showKey() {
    const classes = this.app.classes.vae,
      labels = this.app.vae.posterior?.present ?? [...classes.names.keys()];
    this.key.hidden = !this.app.state.layers.includes("points");
    this.key.classList.toggle("gx-many", !classes.areTen || labels.length !== 10);
    this.key.replaceChildren(...legend(classes, labels, this.app.theme?.dark));
  }

  refresh() {
    const { state, facts } = this.app;
    for (const [name, box] of Object.entries(this.layers)) {
      box.show(state.layers.includes(name));
      const side = LAYERS[name][2];
      box.root.hidden =
        (side === "vae" && !facts.vae) ||
        (side === "gan" && !facts.gan) ||
        (name === "ambiguity" && !facts.vae?.ambiguity);
    }
    this.showKey();
    this.spacing.show(state.spacing);
    this.directions.show(state.dirs);
    this.others.hidden = state.dirs !== "random";
    this.loop.show(state.loop);
    const counts = [
      ["VAE", state.pins.length],
      ["GAN", state.gpins.length],
    ]
      .filter(([, count]) => count)
      .map(([name, count]) => `${count} on the ${name}`);
    this.pins.textContent = counts.length
      ? `${counts.join(", ")}.${this.#paths().length ? "" : " One more makes a path."}`
      : "Click in a square to pin a point.";
    this.play.disabled = !this.#paths().length;
    this.forget.disabled = !counts.length;
    this.digit.root.hidden = !facts.vae;
    this.digit.names();
  }

  #paths() {
    const { pins, gpins } = this.app.state;
    return [
      ["x", pins],
      ["g", gpins],
    ].filter(([, points]) => points.length > 1);
  }

  #start() {
    let before = performance.now();
    const gone = { x: 0, g: 0 };
    const beat = (now) => {
      const paths = this.#paths(),
        { loop } = this.app.state,
        patch = {};
      if (!paths.length) return this.stop();
      const held = this.#held();
      let open = false;
      for (const [key, points] of paths) {
        if (held.includes(key)) {
          open = true; // goes on from here when the finger is lifted
          continue;
        }
        const stops = loop ? [...points, points[0]] : points;
        const length = stops.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - stops[i][0], y - stops[i][1]), 0);
        gone[key] += (SPEED * (now - before)) / 1000 / (length || 1);
        open ||= gone[key] < 1;
        patch[key] = along(points, loop ? gone[key] % 1 : Math.min(1, gone[key]), loop).map(
          (x) => Math.round(1e4 * x) / 1e4,
        );
      }
      before = now;
      this.app.change(patch, false);
      if (loop || open) this.frame = requestAnimationFrame(beat);
      else this.stop();
    };
    this.frame = requestAnimationFrame(beat);
    this.play.textContent = "❚❚ Stop";
  }

  // The points that must stay where a finger or the mouse holds them; linked squares move together.
  #held() {
    const { vae, gan, state } = this.app;
    const held = [vae.square.pressed && "x", gan.square.pressed && "g"].filter(Boolean);
    return held.length && state.link ? ["x", "g"] : held;
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.play.textContent = "▶ Play";
    this.app.settle();
  }

  async #save() {
    const name = await save(this.app);
    this.#report(`Saved as ${name}`);
  }

  async #copy() {
    this.app.settle();
    await navigator.clipboard?.writeText(location.href).catch(() => null);
    this.#report("Address copied. It is also in the browser's address bar.");
  }

  #report(words) {
    this.status.textContent = words;
    setTimeout(() => {
      this.status.textContent = "";
    }, 4000);
  }

  remove() {
    cancelAnimationFrame(this.frame);
  }
}
