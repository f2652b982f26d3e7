// Follows up to four runs: asks for what is new until all have ended, and tells the page when a run's state has changed.

import { fetchJson } from "../shared/base.js";
import { sayPlainly } from "../shared/terms.js";

const EVERY = 700; // ms
const HIDDEN = 3000; // ms, in a hidden tab
const AGAIN = 1500; // ms until the page is told once more

/** What extends it sets these fields, and says in `show` how what is known is drawn. */
export class Follower {
  /** @type {any[]} */
  variants = [];
  /** @type {any} */
  data;
  /** @type {any} an element for what is waited for */
  waits;
  /** @type {((states: string) => void) | undefined} called when a run's state has changed since the page was drawn */
  onChange;
  gone = false;
  timer = 0;
  reported = -Infinity;

  show() {}

  async follow() {
    const due = this.variants.filter((each) => each.isOpen || each.seen.step < each.run.step);
    const news = await Promise.all(due.map((each) => this.#news(each)));
    if (this.gone) return;
    this.show();
    if (news.includes(false)) sayPlainly(this.waits, "The dashboard does not respond. Retrying …");
    const unreported = this.#report();
    if (unreported || this.variants.some((each) => each.isOpen))
      this.timer = setTimeout(() => this.follow(), document.hidden ? HIDDEN : EVERY);
  }

  leave() {
    this.gone = true;
    clearTimeout(this.timer);
  }

  async #news(variant) {
    try {
      const seen = new URLSearchParams(Object.entries(variant.seen).map(([name, value]) => [name, String(value)]));
      variant.take(await fetchJson(`${this.data.api}/race/${variant.facts.model}?${seen}`));
      return true;
    } catch {
      return false;
    }
  }

  // Repeated until the page reacts, because a report during a rerun of the page is lost.
  #report() {
    const drawn = this.data.variants.map(({ state }) => state).join();
    const states = this.variants.map(({ run, facts }) => run?.state ?? facts.state).join();
    if (states === drawn) return false;
    if (performance.now() - this.reported > AGAIN) {
      this.reported = performance.now();
      this.onChange?.(states);
    }
    return true;
  }
}
