// Asking again and again how far a class is.

const EVERY = 1500; // ms between two questions
const HIDDEN = 6000; // of a page that nobody sees

/**
 * Asks until `signal` ends it. No answer at all may be a phone without a network for a moment: then it asks on.
 * @param {{api: string, code: string}} data
 * @param {AbortSignal} signal
 * @param {(news: any) => void} told  with the class's news; {ended: true} once it has ended
 */
export async function ask({ api, code }, signal, told) {
  while (!signal.aborted) {
    const answer = await fetch(`${api}/class/${code}`, { cache: "no-cache" }).catch(() => null);
    const news = answer?.ok ? await answer.json().catch(() => null) : null;
    if (signal.aborted) return;
    if (news) told(news);
    await new Promise((resolve) => {
      setTimeout(resolve, document.hidden ? HIDDEN : EVERY);
    });
  }
}
