// The note above the newest finished pair of this store, with the way to the shipped models.

import { el } from "./base.js";

/**
 * @param {Record<string, any>} data  of the page
 * @param {Record<string, any>} shown  the ids of the models on the page
 * @param {(shipped: { gan: string, vae: string }) => void} show
 * @returns {any} an element; null where something else than the newest pair is shown
 */
export function newestNote({ pair, models }, shown, show) {
  if (!pair || pair.gan !== shown.gan || pair.vae !== shown.vae) return null;
  const [gan, vae] = ["gan", "vae"].map((kind) => models.find((model) => model.kind === kind && model.shipped)?.id);
  const button =
    gan && vae
      ? el(
          "button",
          { type: "button", class: "gc-textual", onclick: () => show({ gan, vae }) },
          "Show the shipped models",
        )
      : null;
  return el("p", { class: "gc-newest", role: "status" }, `${pair.words} `, button);
}
