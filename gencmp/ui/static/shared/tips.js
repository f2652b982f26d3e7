// The explanation of a term, while the pointer or the keyboard's focus is on it, or after a tap: one for all terms of
// all pages. Every element with data-tip is such a term. Loaded with the first page (frame.js).

import { el } from "./base.js";

const GAP = 6; // px between a term and its explanation
const EDGE = 8; // px that stay free at the window's edges
const GRACE = 200; // ms in which the pointer may move from the term to its explanation

const tip = el("div", { id: "gc-tip", class: "gc-tip", role: "tooltip", hidden: true });
/** @type {HTMLElement | null} */
let term = null; // the one that is explained now
let leaving = 0; // a timer
let tapped = false; // whether it was explained already when a finger came down on it

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
const termAt = (target) => (target instanceof Element ? target.closest("[data-tip]") : null);

/** @param {HTMLElement} found */
function show(found) {
  clearTimeout(leaving);
  if (term !== found) hide();
  term = found;
  const { colorScheme, fontFamily } = getComputedStyle(found); // of the theme, which is not that of the whole document
  Object.assign(tip.style, { colorScheme, fontFamily });
  tip.textContent = found.dataset.tip ?? "";
  found.setAttribute("aria-describedby", tip.id);
  tip.hidden = false;
  changes.observe(document.body, { childList: true, subtree: true });
  place();
}

function hide() {
  clearTimeout(leaving);
  changes.disconnect();
  term?.removeAttribute("aria-describedby");
  term = null;
  tip.hidden = true;
}

/** Above the term, or below it where the header is in the way, or where above it is what is explained (data-below). */
function place() {
  if (!term) return;
  const box = [...term.getClientRects()].at(0);
  const header = document.querySelector('[data-testid="stHeader"]')?.getBoundingClientRect().bottom ?? 0;
  if (!box || box.bottom < header || box.top > innerHeight) return hide();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const above = box.top - GAP - height,
    below = box.bottom + GAP;
  const fitsAbove = above >= header + GAP,
    fitsBelow = below + height <= innerHeight - EDGE;
  const isBelow = term.dataset.below === undefined ? !fitsAbove : fitsBelow || !fitsAbove;
  const left = Math.min(box.left, document.documentElement.clientWidth - EDGE - width);
  tip.style.left = `${Math.max(EDGE, left)}px`;
  tip.style.top = `${isBelow ? below : above}px`;
}

// what is drawn anew takes its terms away
const changes = new MutationObserver(() => term && !term.isConnected && hide());

/** Listens to the whole document, as Streamlit and live cards draw their terms anew at any time. */
export function explainTerms() {
  document.body.append(tip);
  addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    const found = termAt(target);
    if (found) return show(found);
    if (target === tip) return clearTimeout(leaving);
    if (!term || term === document.activeElement) return;
    clearTimeout(leaving);
    leaving = setTimeout(hide, GRACE);
  });
  addEventListener("focusin", ({ target }) => {
    const found = termAt(target);
    if (found) show(found);
    else hide();
  });
  addEventListener("focusout", hide);
  addEventListener("pointerdown", ({ target, pointerType }) => {
    tapped = pointerType === "touch" && term !== null && termAt(target) === term;
    if (target !== tip && termAt(target) !== term) hide();
  });
  addEventListener("pointerup", ({ target, pointerType }) => {
    const found = termAt(target);
    if (pointerType !== "touch" || !found) return; // scrolling ends in pointercancel
    if (tapped) hide();
    else show(found);
  });
  addEventListener("click", ({ target, detail }) => {
    const found = termAt(target);
    if (found && detail === 0) show(found); // by keyboard
  });
  addEventListener("keydown", escape, { capture: true });
  addEventListener("scroll", place, { capture: true, passive: true });
  addEventListener("resize", place);
}

/**
 * Escape closes the explanation, and nothing else with it.
 * @param {KeyboardEvent} event
 */
function escape(event) {
  if (event.key !== "Escape" || !term) return;
  event.stopPropagation();
  hide();
}
