// A phone that follows the presenter: whenever the class is elsewhere, the page is asked to show that.

import { ask } from "./ask.js";

const AGAIN = 6000; // ms after which the same is told once more, if the page has not come along

/**
 * Where a class is, in one word.
 * @param {any} news
 */
export const place = (news) =>
  news.ended ? "ended" : `${news.lesson} ${news.stage} ${news.seed} ${news.runs} ${news.revealed}`;

// Entry point of the component; Streamlit calls it again when the data changes.
export function mount({ data, setTriggerValue }) {
  const leaving = new AbortController();
  let last = { place: data.known, at: 0 };
  ask(data, leaving.signal, (news) => {
    const now = place(news);
    if (now === data.known || (now === last.place && Date.now() - last.at < AGAIN)) return;
    last = { place: now, at: Date.now() };
    setTriggerValue("changed", now);
  });
  return () => leaving.abort();
}
