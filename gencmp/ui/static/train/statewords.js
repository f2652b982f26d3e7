// What a card says of its run in words: its state, what it waits for, and what is known of it.

import { clock, thousands } from "../shared/base.js";

export const STATES = {
  queued: "waiting",
  starting: "starting",
  running: "training",
  paused: "paused",
  finished: "finished",
  stopped: "stopped",
  failed: "failed",
  lost: "lost",
};
export const BEFORE = ["queued", "starting"];
export const OPEN = ["queued", "starting", "running", "paused"];

// What stands beside the state: how far the run is, how fast, and where.
export function factsOf(run) {
  const facts = [run.steps ? `epoch ${run.epoch_now} of ${run.epochs}` : `${run.epochs} epochs`];
  if (run.state === "running" && run.images_per_second) facts.push(`${thousands(run.images_per_second)} images/s`);
  if (run.state === "running" && run.left !== null) facts.push(`${clock(run.left)} left`);
  if (!OPEN.includes(run.state) && run.seconds) facts.push(`trained for ${clock(run.seconds)}`);
  if (run.node && run.state !== "queued") facts.push(`on ${run.node}`);
  return facts.join(" · ");
}

// In an empty box: why it is empty, and for how long.
export function waitingWords(run) {
  if (run.state === "queued" && !run.free) return "Waiting for its turn";
  const model = run.starts_at ? `its parent drew after epoch ${run.starts_at}` : "the untrained model draws";
  if (BEFORE.includes(run.state)) return `Starting the worker, about 5 s. First comes what ${model}.`;
  return OPEN.includes(run.state) ? "The first picture is on its way." : "";
}

// The last epoch's figures on the test set, in one line, so that the cards stay aligned.
export function testWords(test) {
  if (!test) return "";
  if (test.negative_elbo === undefined) return `On the test set: mean [D(x)] ${test.d_real.toFixed(2)}`;
  const [sum, reconstruction, kl] = ["negative_elbo", "reconstruction", "kl"].map((name) => test[name].toFixed(1));
  return `On the test set: ${sum} [nats] per image, [reconstruction] ${reconstruction} + [KL] ${kl}`;
}

// Why it stands still, or what is special about it; "" if nothing is.
export function wordsOf(run) {
  const kind = run.kind.toUpperCase();
  if (run.state === "queued" && run.waits) return run.waits;
  if (run.state === "queued" && run.free) return "Next in the queue. Starting takes about 5 s.";
  if (run.state === "queued")
    return run.place > 1
      ? `Number ${run.place} in the queue of ${kind}s.`
      : `Next in the queue, after the ${kind} that is training now.`;
  if (run.state === "starting") {
    const goesOn = run.epoch ? `Continues from epoch ${run.epoch}. ` : "";
    return `${goesOn}${run.words || "Starting the worker"}, about 5 s …`;
  }
  if (run.state === "running" && run.words) return `${run.words}.`; // a node that is silent
  return [run.reason, run.moved].filter(Boolean).join(" ");
}
