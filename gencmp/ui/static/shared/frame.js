// What Streamlit's frame lacks, on every page: the switch of the presenter's view, a name for the phone's navigation,
// tables that can be scrolled by keyboard, and explanations of terms. Loaded with the first page (first_page.py).

import { uncoverOthers } from "../home/still.js";
import { el } from "./base.js";
import { choose, presenting, show, wanted, whenRoomChanges } from "./presenter.js";
import { explainTerms } from "./tips.js";

const EVERY = 250; // ms: Streamlit may draw its frame anew at any time

const button = el(
  "button",
  {
    type: "button",
    class: "gc-presenter",
    title: "Large type for a projector; this browser remembers it",
    "aria-label": "Large type for a projector",
    onclick: () => press(!presenting()),
  },
  "Aa",
);

function press(on) {
  choose(on);
  button.setAttribute("aria-pressed", String(presenting()));
}

/** Shows what the address and the browser ask for, now and when the window becomes wide enough. */
function start() {
  const follow = () => {
    show(wanted(location.search));
    button.setAttribute("aria-pressed", String(presenting()));
  };
  follow();
  if (document.body) explainTerms();
  else addEventListener("DOMContentLoaded", explainTerms);
  whenRoomChanges(follow);
  addEventListener("resize", () => requestAnimationFrame(complete)); // a table may be too wide now
  addEventListener("click", closeAfter);
  let looking = 0;
  const look = () => {
    looking = 0;
    complete();
  };
  new MutationObserver(() => (looking ||= setTimeout(look, EVERY))).observe(document, {
    childList: true,
    subtree: true,
  });
}

function complete() {
  const header = document.querySelector('[data-testid="stHeader"]');
  if (header && button.parentElement !== header) header.append(button);
  nameTheSign(document.querySelector('[data-testid="stExpandSidebarButton"]'));
  followScheme(document.querySelector(".stApp"));
  for (const table of document.querySelectorAll('[data-testid="stTable"] table')) reach(table);
  uncoverOthers();
}

/**
 * Dialogs and popovers stand beside the app, which alone knows whether its theme is dark: their colours would be of a light one.
 * @param {Element | null} app
 */
function followScheme(app) {
  const scheme = app && getComputedStyle(app).colorScheme;
  if (scheme && document.documentElement.style.colorScheme !== scheme)
    document.documentElement.style.colorScheme = scheme;
}

/**
 * The page's name beside the sign that opens the navigation, and both in its name.
 * @param {HTMLElement | null} sign
 */
function nameTheSign(sign) {
  const page = document.title.split(" · ")[0];
  if (!sign || sign.dataset.page === page) return;
  sign.dataset.page = page;
  sign.setAttribute("aria-label", `${page}: show all pages`);
}

/**
 * On a phone the open navigation covers the page that was chosen in it.
 * @param {MouseEvent} event
 */
function closeAfter({ target }) {
  if (!matchMedia("(max-width: 767px)").matches || !(target instanceof Element)) return;
  if (!target.closest('[data-testid="stSidebarNavLink"]')) return;
  /** @type {HTMLElement | null} */
  const close = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
  close?.click();
}

/**
 * A table wider than its place can be scrolled by keyboard; in a narrow one each cell names its column.
 * @param {Element} table
 */
function reach(table) {
  const place = table.parentElement;
  if (!place) return;
  if (place.scrollWidth > place.clientWidth) {
    place.tabIndex = 0;
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", "Table, scrolls sideways");
  }
  const names = [...table.querySelectorAll("thead th")].map((each) => each.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr"))
    [...row.children].forEach((cell, i) => cell.setAttribute("data-label", names[i] ?? ""));
}

start();
