// A phone: its messages as its own app shows them, and what its owner can send.

import { hour, linked, make } from "./try.element.js";
import { attempt, fill, send, words } from "./try.server.js";
import { segments } from "./try.segments.js";

const PRICE = Number(document.body.dataset.smsPrice);
const TYPING_FOR = 6000;
const rupiah = (amount) => fill(words.cost, amount.toLocaleString(words.locale));

const readAsBase64 = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

export class Phone {
  constructor(root, choosePlace) {
    this.root = root;
    this.name = root.dataset.phone;
    this.log = root.querySelector(".log");
    this.form = root.querySelector("form");
    this.text = root.querySelector("textarea");
    this.choosePlace = choosePlace;
    this.clear();
    this.#connect();
  }

  clear() {
    this.log.replaceChildren();
    this.paid = 0;
    this.editing = null;
    this.#showEditing();
    this.meter();
  }

  /** Put words into the field, as if somebody had typed them. */
  type(text) {
    this.text.value = text;
    this.meter();
    this.text.focus();
  }

  show(message) {
    if (message.said) this.#said(message);
    else this.#heard(message);
    this.log.scrollTop = this.log.scrollHeight;
  }

  meter() {
    this.text.style.height = "auto";
    if (this.name !== "sms") {
      this.text.style.height = `${Math.min(this.text.scrollHeight, 120)}px`;
      return;
    }
    this.text.style.height = "";
    const { count, encoding, units } = segments(this.text.value);
    const kind = encoding === "gsm7" ? "GSM-7" : "UCS-2";
    const parts = this.text.value ? count : 0;
    const meter = this.root.querySelector("[data-meter]");
    meter.textContent = fill(words.meter, units, kind, parts, rupiah(parts * PRICE));
    meter.classList.toggle("dear", encoding === "ucs2" || parts > 1);
    const spent = this.root.querySelector("[data-spent]");
    spent.textContent = fill(words.spent, this.paid, rupiah(this.paid * PRICE), rupiah(PRICE));
  }

  #said(message) {
    const before = message.edits && this.log.querySelector(`[data-id="${CSS.escape(message.edits)}"]`);
    if (before) {
      before.querySelector(".text").textContent = message.text;
      before.querySelector(".edited").hidden = false;
      return;
    }
    if (message.pick && this.#tapped(message)) return;
    if (message.segments) {
      this.paid += message.segments;
      this.meter();
    }
    this.log.append(this.#bubble(message, "said"));
    this.#expect();
  }

  #heard(message) {
    this.#stopExpecting();
    const item = this.#bubble(message, "heard");
    if (message.template) item.firstElementChild.prepend(make("p", { className: "label", textContent: words.template }));
    if (message.choices.length) item.append(this.#choices(message));
    this.log.append(item);
  }

  #bubble(message, side) {
    const text = message.text ? make("p", { className: "text" }, ...linked(message.text)) : make("p", { className: "text", hidden: true });
    const foot = make("p", { className: "foot" });
    if (message.segments) foot.append(make("span", { textContent: this.#cost(message) }));
    if (side === "said" && this.name === "telegram" && message.text) foot.append(this.#editButton(message));
    foot.append(make("span", { className: "edited", textContent: words.edited, hidden: true }), make("time", { textContent: hour(message.at) }));
    const files = (message.files ?? []).map((file) => this.#file(file));
    const place = message.pin ? [this.#place(message.pin)] : [];
    const bubble = make("div", { className: "bubble" }, ...files, ...place, text, foot);
    return make("li", { className: side, "data-id": message.id, "data-question": message.question || null }, bubble);
  }

  #cost(message) {
    const parts = fill(words.parts, message.segments);
    return message.said ? `${parts}, ${rupiah(message.segments * PRICE)}` : parts;
  }

  #file(file) {
    if (file.mime?.startsWith("image/")) return make("img", { src: file.url, alt: `${words.photo} ${file.name ?? ""}`, className: "photo" });
    return make("a", { href: file.url, className: "file", textContent: file.name ?? "file" });
  }

  #place({ lat, lon }) {
    const where = make("span", { textContent: `${words.place_sent} ${lat.toFixed(4)}, ${lon.toFixed(4)}` });
    return make("p", { className: "place" }, make("span", { className: "map", "aria-hidden": "true" }), where);
  }

  #editButton(message) {
    const button = make("button", { type: "button", className: "edit", textContent: words.edit });
    button.addEventListener("click", () => {
      this.editing = message.id;
      this.type(this.log.querySelector(`[data-id="${CSS.escape(message.id)}"] .text`).textContent);
      this.#showEditing();
    });
    return button;
  }

  #choices(message) {
    const many = this.name === "whatsapp" && message.choices.length > 3;
    const buttons = message.choices.map((choice) => {
      const button = make("button", { type: "button", textContent: choice.label, "data-value": choice.value });
      button.addEventListener("click", () => this.#send({ pick: { question: message.question, value: choice.value } }));
      return button;
    });
    const row = make("div", { className: "choices" }, ...buttons);
    return many ? make("details", { className: "list" }, make("summary", { textContent: words.choose }), row) : row;
  }

  /** A tapped button shows that it was tapped; on WhatsApp its label is a message too. */
  #tapped({ pick, at, id }) {
    const asked = [...this.log.querySelectorAll(`[data-question="${CSS.escape(pick.question)}"]`)].pop();
    const button = asked?.querySelector(`[data-value="${CSS.escape(pick.value)}"]`);
    button?.classList.add("tapped");
    asked?.querySelector("details")?.removeAttribute("open");
    if (this.name !== "whatsapp") {
      this.#expect();
      return true;
    }
    this.log.append(this.#bubble({ id, at, text: button?.textContent ?? pick.value }, "said"));
    this.#expect();
    return true;
  }

  #expect() {
    this.#stopExpecting();
    const dots = make("li", { className: "typing", "aria-hidden": "true" }, make("span"), make("span"), make("span"));
    this.log.append(dots);
    this.expecting = setTimeout(() => dots.remove(), TYPING_FOR);
  }

  #stopExpecting() {
    clearTimeout(this.expecting);
    this.log.querySelector(".typing")?.remove();
  }

  #connect() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.text.addEventListener("input", () => this.meter());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.root.querySelector("[data-file]")?.addEventListener("change", (event) => this.#sendFiles(event.target));
    this.root.querySelector("[data-sample]")?.addEventListener("click", () => this.#sendSample());
    this.root.querySelector("[data-place]")?.addEventListener("click", async () => {
      const pin = await this.choosePlace();
      if (pin) await this.#send({ pin });
    });
    this.root.querySelector("[data-stop-editing]")?.addEventListener("click", () => {
      this.editing = null;
      this.type("");
      this.#showEditing();
    });
    for (const command of this.root.querySelectorAll("[data-command]")) {
      command.addEventListener("click", () => {
        command.closest("details").open = false;
        this.#send({ text: command.dataset.command });
      });
    }
  }

  async #submit() {
    const text = this.text.value;
    if (!text.trim() || this.sending) return;
    const edits = this.editing ?? undefined;
    if (await this.#send({ text, edits })) {
      this.text.value = "";
      this.editing = null;
      this.#showEditing();
      this.meter();
    }
  }

  async #sendFiles(input) {
    const files = [...input.files];
    input.value = "";
    if (files.length) {
      const read = files.map(async (file) => ({ name: file.name, mime: file.type || null, data: await readAsBase64(file) }));
      await this.#send({ files: await Promise.all(read) });
    }
  }

  /** A drawing of a pothole, as the photograph a phone would take. */
  async #sendSample() {
    const picture = make("img", { src: "/assets/try.sample.svg" });
    await picture.decode();
    const canvas = make("canvas", { width: 640, height: 420 });
    canvas.getContext("2d").drawImage(picture, 0, 0, 640, 420);
    const data = canvas.toDataURL("image/jpeg", 0.85).split(",", 2)[1];
    await this.#send({ files: [{ name: "lubang.jpg", mime: "image/jpeg", data }] });
  }

  async #send(message) {
    this.sending = true;
    const id = crypto.randomUUID();
    const taken = await attempt(() => send("/try/say", { phone: this.name, id, ref: id, ...message }));
    this.sending = false;
    return taken;
  }

  #showEditing() {
    const note = this.root.querySelector("[data-editing]");
    if (note) note.hidden = this.editing === null;
  }
}
