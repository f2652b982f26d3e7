// Models, runs and epochs that have come since the page was opened: asked for while a chosen run still trains,
// and when a list is opened. The route reads only, and no script runs for it.

import { fetchJson } from "../shared/base.js";

const EVERY = 3000; // milliseconds: an epoch takes longer, and a question costs the server about one

export class Watch {
  constructor(app) {
    this.app = app;
  }

  // To be called whenever other columns are chosen.
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

  // names: of models; all that there are when none are given.
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

// The server's facts of a model, added to those that were known: a list of all models has each one's last epoch only.
function known(before, facts) {
  if (facts.whole || !before?.whole) return { ...before, ...facts };
  const last = facts.pictured.at(-1),
    pictured = before.pictured.at(-1) < last ? [...before.pictured, last] : before.pictured;
  return { ...before, ...facts, whole: true, pictured };
}
