// What a press asks of the run, until it has come: sent to the page, sent again if it was lost, and given up in the end.

import { isDone, phasesAhead } from "./phases.js";

const AGAIN = 1500; // ms after which a request is sent again: one sent during a rerun of the page is lost
const GIVE_UP = 8000; // ms

export class Asking {
  /** @type {(message: Record<string, any>) => void} to the page */
  send = () => {};
  /** @type {any} what was asked and is not done yet: { asked, from, since, message } */
  waiting = null;
  gaveUp = false;
  hasAsked = false; // whether it is stepped from this browser, or only watched

  /**
   * @param {Record<string, any>} asked  { phases }, { steps }, { rate } or { hold: true }
   * @param {any} from  the moment at which it was pressed
   */
  ask(asked, from) {
    const phases = asked.phases ? { phases: phasesAhead(from) } : {};
    const message = { ...asked, ...phases, number: Date.now() }; // one that is sent twice is done once
    this.waiting = { asked, from, since: performance.now(), message };
    this.gaveUp = false;
    this.hasAsked = true;
    this.send(message);
  }

  /** Whether steps are on their way, each of which would only flicker. */
  get stepsAreComing() {
    return Boolean(this.waiting?.asked.phases || this.waiting?.asked.steps);
  }

  /**
   * @param {any} moment  the newest one
   * @param {string} state  of the run
   * @param {number} rate  of its slow motion, 0 if there is none
   */
  hear(moment, state, rate) {
    const { waiting } = this;
    if (!waiting) return;
    const passed = performance.now() - waiting.since;
    if (isAnswered(waiting, moment, state, rate)) this.waiting = null;
    else if (moment && moment.id !== (waiting.seen ?? waiting.from?.id)) {
      waiting.seen = moment.id; // on its way
      waiting.since = performance.now();
    } else if (passed > GIVE_UP) [this.waiting, this.gaveUp] = [null, true];
    else if (passed > AGAIN && !waiting.isSentAgain) {
      waiting.isSentAgain = true;
      this.send({ ...waiting.message, again: true });
    }
  }
}

function isAnswered({ asked, from }, moment, state, rate) {
  if (asked.rate) return rate === asked.rate;
  if (asked.hold) return state === "paused";
  return Boolean(moment && (!from || isDone({ from, steps: asked.steps }, moment)));
}
