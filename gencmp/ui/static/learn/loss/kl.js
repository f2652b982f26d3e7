// The KL of each latent number, in closed form and by sampling.

import { el, thousands } from "../../shared/base.js";
import { explained, say } from "../../shared/terms.js";
import { Course } from "./course.js";
import { Estimate } from "./elbo.js";
import { button, figure, nats } from "../parts.js";

const MOST = 100_000; // draws
const COUNTS = [1, 10, 1000];
const FROM = 10; // draws: below, an interval would be too unsure itself
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

export class Kl {
  /** @type {import("./elbo.js").Loss} */
  loss;
  /** @type {Estimate} */
  estimate;

  /**
   * @param {any} nouns
   * @param {() => void} redraw  asks for other random numbers
   */
  constructor(nouns, redraw) {
    this.nouns = nouns;
    this.course = new Course();
    this.words = el("p");
    this.rows = el("tbody");
    this.note = el("p", { class: "gw-note", "aria-live": "polite" });
    this.more = COUNTS.map((count) =>
      button(`${thousands(count)} more`, `Draws z ${thousands(count)} more times`, () => this.#draw(count)),
    );
    const again = "Starts again with other random numbers. The decoder sees the first draw.";
    const heads = ["mean", "[spread]", "closed form", "by sampling"].map((words) =>
      el("th", { scope: "col" }, ...explained(words, nouns)),
    );
    const label = el("span", {}, ...explained("[Draw z|draw z]:", nouns));
    this.root = el(
      "section",
      {},
      el("h2", {}, ...explained("[KL]: one term for each [latent number|latent plane]", nouns)),
      this.words,
      el("table", { class: "gw-kls" }, el("thead", {}, el("tr", {}, el("td"), ...heads)), this.rows),
      el("div", { class: "gw-row" }, label, ...this.more, button("Other draws", again, redraw)),
      this.course.root,
      this.note,
    );
  }

  /**
   * @param {import("./elbo.js").Loss} loss
   * @param {number} seed  of the draws
   */
  show(loss, seed) {
    if (this.loss !== loss) {
      this.estimate = new Estimate(loss.bell, seed);
      this.estimate.draw(1);
    }
    this.loss = loss;
    this.#show();
  }

  remove() {
    this.course.remove();
  }

  #draw(count) {
    this.estimate.draw(Math.min(count, MOST - this.estimate.count));
    this.#show();
  }

  #show() {
    const { kl, kls } = this.loss;
    say(
      this.words,
      `The [encoder] says a mean and a spread for each number. If they are the [prior]'s, 0 and 1, KL is 0. Together: ${nats(kl)}.`,
      this.nouns,
    );
    this.rows.replaceChildren(...kls.map((each, i) => this.#row(each, i)));
    this.course.show(this.estimate, kls);
    for (const each of this.more) each.disabled = this.estimate.count >= MOST;
    say(this.note, this.#noteWords(), this.nouns);
  }

  #row(kl, i) {
    const { mean, logVar } = this.loss.bell,
      [sampled, half] = [this.estimate.means()[i], this.estimate.halves()[i]];
    const interval = this.estimate.count >= FROM ? ` ± ${figure(half)}` : "";
    const cells = [figure(mean[i]), figure(Math.exp(logVar[i] / 2), 3), figure(kl), `${figure(sampled)}${interval}`];
    const key = el("i", { class: `gw-key gw-key-${i % 2}` });
    const name = el("th", { scope: "row" }, key, ORDINALS[i] ?? `${i + 1}th`);
    return el("tr", {}, name, ...cells.map((words) => el("td", {}, words)));
  }

  #noteWords() {
    const { count } = this.estimate;
    const draws = count === 1 ? "1 draw so far" : `${thousands(count)} draws`;
    const interval = count >= FROM ? " [±|95 % interval] is its 95 % interval." : "";
    return `Dotted: the closed form, ½ (mean² + spread² − 1 − ln spread²). Line: how much likelier z is under the encoder's Gaussian q than under the prior p, log q(z) − log p(z), on average over ${draws}.${interval}`;
  }
}
