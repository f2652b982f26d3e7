// A larger type size for a projector. One switch in the header sets it on all pages (frame.js), the browser remembers the
// switch, and an address can ask for it: ?presenter=1, or ?presenter=0 for the usual size.

import { recall, remember } from "./memory.js";

const NAME = "gencmp-presenter";
const LEAST = 18; // px: the smallest words that are read from the last row
const ROOM = "(min-width: 1000px)"; // on narrower screens large type leaves no room for the charts

/** @typedef {"1" | "0"} Answer */

/** Whether the large type is shown now. */
export const presenting = () => globalThis.document?.documentElement.dataset.presenter === "1";

/**
 * The size of words on a chart or a canvas, in px.
 * @param {number} size  the usual one
 */
export const typeSize = (size) => (presenting() ? Math.max(LEAST, 1.3 * size) : size);

/** By how much lengths grow that belong to words: 1, or more in the presenter's view. */
export const enlarged = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/**
 * What the address asks for, else what the switch was set to last.
 * @param {string} search  of the address
 * @returns {boolean}
 */
export function wanted(search) {
  return (new URLSearchParams(search).get("presenter") ?? recall(NAME)) === "1";
}

/** Remembers the switch; what the address asks for is not remembered, so that a link changes no one's setting. */
export function choose(on) {
  remember(NAME, on ? "1" : "0");
  show(on);
}

/**
 * Charts and canvases are told by an event of the window.
 * @param {boolean} on
 */
export function show(on) {
  const now = on && matchMedia(ROOM).matches ? "1" : "0";
  if ((document.documentElement.dataset.presenter ?? "0") === now) return;
  document.documentElement.dataset.presenter = now;
  dispatchEvent(new Event("gencmp-type"));
  dispatchEvent(new Event("resize"));
}

/**
 * Calls back when there is room for the large type, and when there is none any more.
 * @param {() => void} changed
 */
export const whenRoomChanges = (changed) => matchMedia(ROOM).addEventListener("change", changed);
