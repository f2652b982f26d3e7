// Polls for models, runs and epochs that are newer than the page, while a chosen run is training and when a list is
// opened. The route only reads, and does not rerun the page's script.

import { fetchJson } from "../shared/base.js";

const EVERY = 3000; // ms: an epoch takes longer, and a request costs the server about 1 ms

export class Watch {
  constructor(app) {
    this.app = app;
  }

  // Call this whenever the columns change.
  plan() {
    clearTimeout(this.timer);
    if (!this.app.gone && this.#open().length) this.timer = setTimeout(() => this.#again(), EVERY);
  }

  stop() {
    clearTimeout(this.timer);
  }

  async #again() {
    if (!document.hidden) await this.refresh(this.#open());
    this.plan();
  }

  #open() {
    return this.app.chosen().filter((name) => this.app.models.get(name)?.open);
  }

  // names: of models; all models by default.
  async refresh(names = []) {
    const { api } = this.app.data,
      asked = names.length ? `?columns=${encodeURIComponent(names.join(","))}` : "";
    const answer = await fetchJson(`${api}/compare/models${asked}`).catch(() => null);
    if (!answer || this.app.gone) return;
    const pictured = (id) => this.app.models.get(id)?.pictured.length,
      before = new Map(answer.models.map(({ id }) => [id, pictured(id)]));
    for (const each of answer.models) this.app.models.set(each.id, known(this.app.models.get(each.id), each));
    const grown = answer.models.filter(({ id }) => pictured(id) !== before.get(id));
    for (const name of names)
      if (!answer.models.some((each) => each.id === name))
        Object.assign(this.app.models.get(name) ?? {}, { open: false });
    if (grown.length) this.app.grow(grown.map((each) => each.id));
  }
}

// Merges the server's facts into the known ones: a list of all models has only the last epoch of each.
function known(before, facts) {
  if (facts.whole || !before?.whole) return { ...before, ...facts };
  const last = facts.pictured.at(-1),
    pictured = before.pictured.at(-1) < last ? [...before.pictured, last] : before.pictured;
  return { ...before, ...facts, whole: true, pictured };
}
