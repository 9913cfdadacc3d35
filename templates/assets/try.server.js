// Talking to the server: what is asked, what is sent, and what is told without asking.

export const words = JSON.parse(document.body.dataset.words);

/** "{0} jam" with values put in. */
export function fill(pattern, ...values) {
  return pattern.replace(/\{(\d)\}/g, (_, place) => values[Number(place)]);
}

export class Refused extends Error {
  constructor(status, detail = "") {
    super(`refused ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

async function answerOf(request) {
  let answer;
  try {
    answer = await request;
  } catch {
    throw new Refused(0);
  }
  const content = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw new Refused(answer.status, content.errors?.[0]?.detail ?? "");
  return content;
}

export const ask = (path) => answerOf(fetch(path));

export const send = (path, body) =>
  answerOf(
    fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Lapor-Try": "1" },
      body: JSON.stringify(body),
    }),
  );

const toast = document.getElementById("toast");
let fading;

export function tell(text) {
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => toast.classList.remove("shown"), 5000);
}

/** Do something that the server may refuse; whether it did not. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const pattern = error.status >= 500 ? words.failed["0"] : words.failed[error.status] ?? words.failed["0"];
    tell(fill(pattern, error.detail));
    return false;
  }
}

/** Hear messages and states for as long as the page is open. */
export function listen(onMessage, onState) {
  let last = 0;
  const connect = () => {
    const source = new EventSource(`/try/live?after=${last}`);
    source.addEventListener("message", (event) => {
      last = Number(event.lastEventId);
      onMessage(JSON.parse(event.data));
    });
    source.addEventListener("state", (event) => onState(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      // A browser comes again by itself, unless the answer was no stream at all.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 20_000);
    });
  };
  connect();
}
