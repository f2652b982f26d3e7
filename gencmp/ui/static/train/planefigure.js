// The latent plane on a VAE's card: the test pictures, what they are, and the classes that occur.

import { el } from "../shared/base.js";
import { legend } from "../shared/classes.js";
import { say } from "../shared/terms.js";
import { Scatter } from "./scatter.js";

const FEW = 1000; // points, as many as previews between epochs have, so that their number does not jump

export class PlaneFigure {
  /** @param {import("../shared/classes.js").Classes} classes  of the data */
  constructor(classes) {
    this.scatter = new Scatter("The encoder's means of the test pictures", () => this.#legend());
    this.box = el("div", {}, this.scatter.canvas);
    this.key = el("div", { class: "gc-digits" });
    this.caption = el("figcaption", {});
    this.root = el("figure", { class: "gc-plane" }, this.box, this.caption, this.key);
    this.name(classes);
  }

  // Takes the names of the classes, which are known once the run has read its data.
  name(classes) {
    const { nouns } = classes;
    this.classes = this.scatter.classes = classes;
    say(this.caption, `Test ${nouns.pictures} in the [latent plane]; rings at 1, 2 and 3 [σ] of the [prior]`, nouns);
    this.draw();
  }

  draw() {
    this.scatter.draw();
    this.#legend();
  }

  // isMoving: whether further points will come soon.
  show(url, isMoving) {
    this.scatter.show(url, isMoving ? FEW : Infinity);
  }

  // The classes that occur on the plane; all classes before the first points arrive.
  #legend() {
    const labels = this.scatter.present.length ? this.scatter.present : [...this.classes.names.keys()];
    this.key.classList.toggle("gc-many", !this.classes.areTen || labels.length !== 10);
    const isDark = this.root.closest(".gc")?.dataset.ground === "dark";
    this.key.replaceChildren(...legend(this.classes, labels, isDark));
  }
}
