// A cache of models and their data, fetched from the server.

import { fetchJson, patiently } from "./base.js";
import { labelsIn } from "./classes.js";
import { readWeights } from "../latent/nets.js";
import { widened } from "../latent/safetensors.js";

const BUFFERS = 40; // weight files in the cache, 2 to 5 MB each
const MODELS = 16; // parsed models in the cache

/**
 * What the server says of a model. kept: its epochs with weights, each with its content hash.
 * @typedef {{ id: string, config: Record<string, any>, kept: [number, string][] } & Record<string, any>} Facts
 */

/**
 * The last epoch whose weights are kept.
 * @param {Facts} facts
 */
export const lastKept = ({ kept }) => kept[kept.length - 1][0];

export class Library {
  /** @param {string} api  address of the routes */
  constructor(api) {
    this.api = api;
    this.buffers = new Map();
    this.models = new Map();
    this.others = new Map();
  }

  /**
   * Facts about a model: saved epochs with their hashes, curve, config. Fetched every time, because a live run grows.
   * @param {string} id
   * @returns {Promise<Facts>}
   */
  kept(id) {
    return fetchJson(`${this.api}/kept/${encodeURIComponent(id)}`);
  }

  address(facts, epoch) {
    const hash = facts.kept.find(([each]) => each === epoch)[1];
    return `${encodeURIComponent(facts.id)}/${epoch}/${hash}`;
  }

  /**
   * The model at a saved epoch, ready to run; `key` identifies it.
   * @param {Facts} facts
   * @param {number} epoch
   * @returns {Promise<import("../latent/nets.js").Model>}
   */
  async model(facts, epoch) {
    const key = this.address(facts, epoch);
    if (!this.models.has(key)) {
      const buffer = await this.weights(key);
      if (!this.models.has(key)) last(this.models, key, Object.assign(readWeights(buffer), { key }), MODELS);
    }
    return last(this.models, key, this.models.get(key), MODELS);
  }

  // The model if it is in the cache, else null.
  ready(facts, epoch) {
    return this.models.get(this.address(facts, epoch)) ?? null;
  }

  weights(key) {
    return this.#once(this.buffers, `weights/${key}`, BUFFERS, (buffer) => buffer);
  }

  // Prefetches epochs one after another, so that scrubbing finds them in the cache.
  async fetchAhead(facts, epochs) {
    for (const epoch of epochs) await this.weights(this.address(facts, epoch)).catch(() => null);
  }

  /**
   * The strongest directions of a saved epoch's latent space, strongest first.
   * @param {Facts} facts
   * @param {number} epoch
   * @returns {Promise<Float64Array[]>}
   */
  directions(facts, epoch) {
    const size = facts.config.noise_size ?? facts.config.latent_size;
    const rows = (numbers) =>
      Array.from({ length: numbers.length / size }, (_, i) =>
        Float64Array.from(numbers.subarray(i * size, (i + 1) * size)),
      );
    return this.#once(this.others, `directions/${this.address(facts, epoch)}`, 40, (buffer) =>
      rows(new Float32Array(buffer)),
    );
  }

  posterior(facts, epoch) {
    return this.#once(this.others, `posterior/${this.address(facts, epoch)}`, 40, readPosterior);
  }

  ambiguity(facts, epoch, spacing, reach) {
    return this.#once(
      this.others,
      `ambiguity/${this.address(facts, epoch)}?spacing=${spacing}&reach=${reach}`,
      40,
      (buffer) => new Uint8Array(buffer),
    );
  }

  // The number of test pictures of a model's data, and how grey they are.
  tested(facts) {
    return this.#once(this.others, `tested/${encodeURIComponent(facts.id)}`, 40, (buffer) =>
      JSON.parse(new TextDecoder().decode(buffer)),
    );
  }

  digits(facts) {
    return this.#once(this.others, `digits/${encodeURIComponent(facts.id)}`, 40, readDigits);
  }

  #once(cache, path, limit, read) {
    if (!cache.has(path)) {
      const wanted = patiently(`${this.api}/${path}`).then(async (answer) => {
        if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
        return read(await answer.arrayBuffer());
      });
      wanted.catch(() => cache.delete(path));
      cache.set(path, wanted);
    }
    return last(cache, path, cache.get(path), limit);
  }
}

// Adds a value to an LRU map of limited size.
function last(map, key, value, limit) {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) map.delete(map.keys().next().value);
  return value;
}

// {count, size, mean(i), logVar(i), labels}: see posterior() in routes/explore.py
function readPosterior(buffer) {
  const [count, size] = new Uint32Array(buffer, 0, 2),
    total = count * size;
  const means = widened(new Uint16Array(buffer, 8, total)),
    logVars = widened(new Uint16Array(buffer, 8 + 2 * total, total));
  return {
    count,
    size,
    means,
    logVars,
    labels: new Uint8Array(buffer, 8 + 4 * total, count),
    present: labelsIn(new Uint8Array(buffer, 8 + 4 * total, count)),
  };
}

function readDigits(buffer) {
  const count = new DataView(buffer).getUint32(0, true);
  return { count, labels: new Uint8Array(buffer, 4, count), pixels: new Uint8Array(buffer, 4 + count) };
}

const KNOWN = 8; // models in the cache of a worker; worker.js has the same number
// A worker that handles one request at a time; of the waiting requests, only the newest of each kind is kept.
export class Helper {
  /** @param {Library} library */
  constructor(library) {
    this.library = library;
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.#answered(data);
    this.known = [];
    this.waiting = new Map();
    this.job = 0;
    this.busy = null;
  }

  // question: {what, ...}; model: the model to run, or null. then: called with the answer, unless a newer request of
  // the same kind replaced this one.
  async ask(name, model, question, then) {
    this.waiting.set(name, { model, question, then });
    if (!this.busy) this.#next();
  }

  async #next() {
    const [name, first] = this.waiting.entries().next().value ?? [];
    if (!first) return;
    this.busy = first;
    this.waiting.delete(name);
    const { model, question } = first,
      message = { job: ++this.job, key: model?.key, ...question };
    if (model && !this.known.includes(model.key)) {
      message.weights = await this.library.weights(model.key);
      this.known = [...this.known, model.key].slice(-KNOWN);
    }
    this.worker.postMessage(message);
  }

  #answered(data) {
    const { then } = this.busy;
    this.busy = null;
    this.#next();
    then(data);
  }

  remove() {
    this.worker.terminate();
  }
}
