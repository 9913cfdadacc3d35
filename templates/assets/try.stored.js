// The drawer: what the database holds about a phone, as it is.

import { make } from "./try.element.js";
import { ask, attempt, words } from "./try.server.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with its names, texts and numbers told apart. */
function pretty(value) {
  const text = JSON.stringify(value, null, 2);
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    nodes.push(text.slice(end, found.index));
    const className = found[2] ? "name" : found[1] ? "string" : "atom";
    nodes.push(make("span", { className, textContent: found[1] ?? found[0] }), found[2] ?? "");
    end = found.index + found[0].length;
  }
  nodes.push(text.slice(end));
  return make("pre", { tabIndex: 0 }, ...nodes);
}

function section(title, value, open) {
  return make("details", { open }, make("summary", { textContent: title }), pretty(value));
}

export class Drawer {
  constructor(dialog) {
    this.dialog = dialog;
    this.content = dialog.querySelector("#stored-content");
    this.buttons = [...dialog.querySelectorAll("[data-stored]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.show(button.dataset.stored));
  }

  async open(phone) {
    this.dialog.showModal();
    await this.show(phone);
  }

  async show(phone) {
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.stored === phone));
    await attempt(async () => this.#fill(await ask(`/try/stored?phone=${phone}`)));
  }

  #fill({ conversation, reports }) {
    const parts = reports.flatMap(({ document, forwarded, core }) => [
      section(`${words.forwarded}: ${document.receipt}`, forwarded, true),
      section(`${words.document}: ${document.receipt}`, document, false),
      ...(core ? [section(`${words.core}: ${document.ticket}`, core, false)] : []),
    ]);
    if (conversation) parts.push(section(words.session, conversation, !reports.length));
    if (!parts.length) parts.push(make("p", { className: "empty", textContent: words.nothing_stored }));
    this.content.replaceChildren(...parts);
  }
}
